//! What is asked of the record: one file for each query, with its statement, filter and rows.

pub mod revision;
pub mod session_list;
pub mod session_show;
pub mod table_sizes;
