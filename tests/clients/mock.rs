//! The model that answers from a script.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/mock/server.js");

/// A model on a port of its own, as long as this lives.
pub struct Mock {
    server: Child,
    port: u16,
}

impl Mock {
    /// A model for an agent that works in `folder`.
    pub fn start(folder: &Path) -> Self {
        let mut server = Command::new("node")
            .arg(SERVER)
            .arg(folder)
            // It ends with its input, so it goes even where this process is killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`node` starts; hint: `tests/run` installs it");
        let mut line = String::new();
        let stdout = server.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says its port");
        let port = line.trim().parse().expect("a port");
        Self { server, port }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
