//! The plugin's file as it is installed: the committed bundle with this machine's paths in it.

/// What `npm run build` makes in `plugins/opencode`.
const BUNDLE: &str = include_str!("../../../../../../plugins/opencode/dist/recount.js");

/// How every version of the bundle begins.
const HEADER: &str = "// recount's plugin for OpenCode";

/// How the lines begin that the paths are written into.
pub const PATH_LINES: &str = "const INSTALLED_";

const COMMAND_LINE: &str = "const INSTALLED_COMMAND = \"\";\n";
const DATABASE_LINE: &str = "const INSTALLED_DATABASE = \"\";\n";

/// The bundle that calls the program at that path, and hands it that database's path where it is
/// not the one that the program finds by itself.
pub fn installed(program: &str, database: Option<&str>) -> String {
    let bundle = BUNDLE.replacen(COMMAND_LINE, &line("COMMAND", program), 1);
    match database {
        None => bundle,
        Some(database) => bundle.replacen(DATABASE_LINE, &line("DATABASE", database), 1),
    }
}

/// A JSON string is one of JavaScript too (ECMAScript 2019).
fn line(name: &str, path: &str) -> String {
    format!("const INSTALLED_{name} = {};\n", serde_json::Value::from(path))
}

/// The paths that were written into a bundle of whatever version: the program's, the database's.
pub fn paths(bundle: &str) -> [Option<String>; 2] {
    ["COMMAND", "DATABASE"].map(|name| {
        let start = format!("{PATH_LINES}{name} = ");
        let value = bundle.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix(';'))?;
        serde_json::from_str(value).ok().filter(|path: &String| !path.is_empty())
    })
}

/// Whether that is a file that we have written, of whatever version.
pub fn is_ours(content: &[u8]) -> bool {
    content.starts_with(HEADER.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_has_its_header_and_one_line_for_each_path() {
        assert!(is_ours(BUNDLE.as_bytes()));
        for line in [COMMAND_LINE, DATABASE_LINE] {
            assert_eq!(BUNDLE.matches(line).count(), 1, "{line}");
        }
        assert_eq!(BUNDLE.matches(PATH_LINES).count(), 2);
    }

    #[test]
    fn paths_are_written_as_strings_and_nothing_else_changes() {
        let plain = installed("/bin/recount", None);
        let line = "const INSTALLED_COMMAND = \"/bin/recount\";\n";
        assert_eq!(plain, BUNDLE.replace(COMMAND_LINE, line));
        let odd = installed("/a \"b\\\n/r", Some("/ü.db"));
        assert!(odd.contains("const INSTALLED_COMMAND = \"/a \\\"b\\\\\\n/r\";\n"), "{odd}");
        assert!(odd.contains("const INSTALLED_DATABASE = \"/ü.db\";\n"), "{odd}");
        assert!(is_ours(odd.as_bytes()));
        assert_eq!(paths(&odd), [Some("/a \"b\\\n/r".to_owned()), Some("/ü.db".to_owned())]);
        assert_eq!(paths(&plain), [Some("/bin/recount".to_owned()), None]);
        assert_eq!(paths(""), [None, None]);
    }
}
