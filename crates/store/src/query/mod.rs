//! What is asked of the record: one file for each query, with its statement, filter and rows.

pub mod attribution;
pub mod calls_seen;
pub mod compactions_seen;
pub mod copies;
mod elsewhere;
pub mod errors_seen;
pub mod files_seen;
pub mod import_cursors;
pub mod last_events;
pub mod message_tools;
pub mod messages_elsewhere;
pub mod models_used;
mod of_session;
pub mod revision;
mod seen;
pub mod session_compactions;
pub mod session_counts;
pub mod session_errors;
pub mod session_files;
pub mod session_git_history;
pub mod session_head;
pub mod session_ids;
pub mod session_length;
pub mod session_list;
pub mod session_opening;
pub mod session_reasoning;
pub mod session_show;
pub mod session_sizes;
pub mod session_steps;
pub mod session_texts;
pub mod session_tools;
pub mod session_tree;
pub mod sessions_changed;
pub mod sessions_known;
pub mod sessions_of_file;
pub mod shared_compactions;
pub mod table_sizes;
pub mod usage;
pub mod usage_sums;

#[cfg(test)]
mod tests {
    use std::{io, ops::ControlFlow, time::Duration};

    use domain::{Part, UnixMs};

    use super::{usage_sums::Span, *};
    use crate::{
        Location, MIGRATIONS, RetryPolicies, Settings, Store, StoreError, Synchronous,
        TranscriptEnd, engine::Engine, table::last_key_sql, transcripts,
    };

    fn store(folder: &tempfile::TempDir) -> io::Result<Store> {
        let settings = Settings {
            synchronous: Synchronous::Normal,
            checkpoint_bytes: 1 << 20,
            retry: RetryPolicies::default(),
            lease_timeout: Duration::from_mins(1),
            outbox: None,
            is_default_database: true,
            decoder: |_, _| Ok(ControlFlow::Continue(())),
            reader: |_, _, _| Ok(TranscriptEnd::Gone),
            migrations: MIGRATIONS,
            clock: || UnixMs::new(0).expect("not negative"),
        };
        Ok(Store::new(Location::resolve(&folder.path().join("r.db"))?, settings))
    }

    fn plan(engine: &Engine, sql: &str) -> Result<String, StoreError> {
        let rows: Result<Vec<String>, StoreError> =
            engine.query("explain", &format!("EXPLAIN QUERY PLAN {sql}"), &[], |row| {
                // Its own id, its parent's and one unused come before the words.
                for _ in 0..3 {
                    row.value()?;
                }
                Ok(row.text()?.unwrap_or_default())
            });
        Ok(rows?.join("\n"))
    }

    #[test]
    fn every_query_walks_its_index() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = store(&folder)?;
        let holder = store.open("test")?;
        let mut statements = session_show::statements().to_vec();
        statements.extend(session_list::statements());
        statements.extend(usage::statements());
        statements.push(usage_sums::session_sql());
        statements.extend(calls_seen::statements());
        statements.extend(session_counts::one_by_one());
        statements.extend([
            messages_elsewhere::statement(),
            session_compactions::statement(),
            session_errors::statement(),
            sessions_changed::statement(),
            session_files::statement(),
            session_git_history::statement(),
            session_steps::statement(),
            session_tools::statement(),
        ]);
        statements.extend([
            attribution::edits_known::statement(),
            attribution::edits_known::unnamed_statement(),
            attribution::prompt_before::statement(),
            attribution::traces::elsewhere(),
            attribution::traces::of_patch(),
            attribution::traces::statement(),
        ]);
        let fixed = [
            attribution::edits_known::changed_statement(),
            attribution::operations::statement(),
            attribution::ranges::STATEMENT,
            attribution::session_commits::STATEMENT,
            import_cursors::STATEMENT,
            session_length::STATEMENT,
            session_reasoning::STATEMENT,
            session_tree::STATEMENT,
        ];
        let fixed = fixed.into_iter().chain(attribution::commits_told::STATEMENTS);
        let transcripts = [transcripts::DUE, transcripts::POSITION];
        let fixed = fixed.chain(transcripts).chain(session_texts::STATEMENTS);
        statements.extend(fixed.map(|(sql, index)| (sql.to_owned(), index)));
        statements.extend(session_ids::statements());
        statements.extend(session_opening::statements());
        statements.extend(session_sizes::statements());
        let told = attribution::repositories::STATEMENTS;
        statements.extend(told.map(|(sql, index)| (sql.to_owned(), index)));
        for (sql, index) in statements {
            let plan = plan(&holder.engine, &sql)?;
            assert!(plan.contains(index), "{sql}\n{plan}");
            assert!(plan.contains("SEARCH") || index == "sessions_by_activity", "{sql}\n{plan}");
        }
        Ok(())
    }

    #[test]
    fn what_is_asked_of_the_whole_record_reads_one_table_once()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = store(&folder)?;
        let holder = store.open("test")?;
        let all = Span::between(None, None);
        let scans = [
            (last_events::statement(), "sessions"),
            (models_used::statement(), "messages"),
            (files_seen::statement(), "file_operations"),
            (errors_seen::statement(all), "session_errors"),
            (compactions_seen::statement(all), "compaction_events"),
            (shared_compactions::STATEMENT.to_owned(), "compaction_events"),
            (sessions_known::statement(), "sessions"),
            (sessions_of_file::statement(), "file_operations"),
            (attribution::attributed::STATEMENT.to_owned(), "agent_traces"),
            (attribution::commits_told::REPOSITORIES.to_owned(), "commits"),
        ];
        for (sql, table) in scans {
            let plan = plan(&holder.engine, &sql)?;
            assert_eq!(plan.matches("SCAN").count(), 1, "{sql}\n{plan}");
            assert!(plan.contains(&format!("SCAN {table}")), "{sql}\n{plan}");
        }
        let mut covered = session_counts::statements(all).to_vec();
        let tools = (message_tools::STATEMENT.0.to_owned(), message_tools::STATEMENT.1);
        covered.extend([calls_seen::statement(all), tools]);
        covered.push((usage_sums::messages_sql(all), "messages_usage"));
        for (sql, index) in covered {
            let plan = plan(&holder.engine, &sql)?;
            assert!(plan.contains(&format!("USING COVERING INDEX {index}")), "{sql}\n{plan}");
        }
        let (untold, index) = copies::untold_sql();
        let found = plan(&holder.engine, &untold)?;
        assert!(found.contains(&format!("USING INDEX {index}")), "{untold}\n{found}");
        let (elsewhere, [answers, of_one]) = copies::elsewhere_sql();
        let found = plan(&holder.engine, &elsewhere)?;
        assert!(
            found.contains(&format!("SCAN messages USING COVERING INDEX {answers}")),
            "{found}"
        );
        assert!(found.contains(&format!("SEARCH messages USING INDEX {of_one}")), "{found}");
        Ok(())
    }

    #[test]
    fn an_edit_is_read_by_its_row_and_the_keys_of_its_call_and_message()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = store(&folder)?;
        let holder = store.open("test")?;
        let (sql, index) = attribution::edit_texts::STATEMENT;
        let plan = plan(&holder.engine, sql)?;
        for found in [index, "autoindex_tool_calls_1", "messages_by_message_id"] {
            assert!(plan.contains(found), "{plan}");
        }
        assert!(!plan.contains("SCAN"), "{plan}");
        Ok(())
    }

    #[test]
    fn of_a_time_only_the_sessions_that_were_active_since_are_looked_into()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = store(&folder)?;
        let holder = store.open("test")?;
        let span = Span::between(UnixMs::new(1), None);
        let mut statements = session_counts::statements(span).to_vec();
        statements.extend([
            calls_seen::statement(span),
            (usage_sums::messages_sql(span), "messages_usage"),
            (errors_seen::statement(span), "session_errors_in_order"),
            (compactions_seen::statement(span), "compaction_events_in_order"),
        ]);
        for (sql, index) in statements {
            let plan = plan(&holder.engine, &sql)?;
            assert!(plan.contains("sessions_by_activity"), "{sql}\n{plan}");
            assert!(plan.contains(&format!("INDEX {index} (session_id=?")), "{sql}\n{plan}");
        }
        Ok(())
    }

    #[test]
    fn the_last_key_is_the_end_of_its_index() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = store(&folder)?;
        let holder = store.open("test")?;
        let found = plan(&holder.engine, &last_key_sql::<Part>())?;
        assert!(
            found.contains("SEARCH parts USING COVERING INDEX sqlite_autoindex_parts_1"),
            "{found}"
        );
        assert!(!found.contains("ORDER BY"), "the rows of the session are sorted: {found}");
        Ok(())
    }
}
