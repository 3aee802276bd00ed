//! `opencode serve`, asked over its HTTP interface: what `opencode run` has no way to do.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::PathBuf,
    time::Duration,
};

use serde_json::{Value, json};

use super::opencode::OpenCode;
use crate::support::{Running, wait_until};

/// An answer that takes longer does not come.
const LIMIT: Duration = Duration::from_mins(2);

/// A server, killed with this.
pub struct Server {
    _server: Running,
    address: String,
}

impl Server {
    /// Starts one that works in the person's working folder.
    pub fn start(opencode: &OpenCode) -> Self {
        let said = opencode.environment().home().join("serve.out");
        let out = File::create(&said).expect("a new file");
        let arguments = ["serve", "--hostname", "127.0.0.1", "--port", "0"];
        let server = opencode.command(&arguments).stdout(out).start();
        let mut address = None;
        wait_until("the server listens", || {
            address = listening(&said);
            address.is_some()
        });
        Self { _server: server, address: address.expect("it was waited for") }
    }

    /// Asks for something, and waits for the answer.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a time");
        stream.write_all((head + &body).as_bytes()).expect("it reads");
        let (head, body) = answer(&mut BufReader::new(stream));
        assert!(head.starts_with("http/1.1 2"), "{method} {path}: {head}{body}");
        if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") }
    }

    /// Sends something.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, body)
    }

    /// Asks how something is.
    pub fn get(&self, path: &str) -> Value {
        self.ask("GET", path, &json!({}))
    }

    /// Opens a session, and gives its id.
    pub fn open(&self) -> String {
        let session = self.post("/session", &json!({}));
        session["id"].as_str().expect("a session has an id").to_owned()
    }

    /// Prompts, and waits until the model has answered from that script.
    pub fn prompt(&self, session: &str, script: &str) {
        self.post(&format!("/session/{session}/message"), &prompt(script));
    }

    /// Prompts, and waits for nothing.
    pub fn prompt_only(&self, session: &str, script: &str) {
        self.post(&format!("/session/{session}/prompt_async"), &prompt(script));
    }
}

fn prompt(script: &str) -> Value {
    let text = format!("[[script:{script}]] please do the demo");
    json!({ "parts": [{ "type": "text", "text": text }] })
}

/// Head, in small letters, and body of an answer. The server does not close every connection that it
/// is asked to close, so the answer's end is where its head says.
fn answer(stream: &mut impl BufRead) -> (String, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).expect("it answers in time") > 0, "it ends: {head}");
    }
    head.make_ascii_lowercase();
    let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next());
    let body = match length {
        Some(length) => bytes(stream, length.parse().expect("a length")),
        None if head.contains("chunked") => chunks(stream),
        None => Vec::new(),
    };
    (head, String::from_utf8(body).expect("it answers in UTF-8"))
}

fn bytes(stream: &mut impl BufRead, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).expect("it answers in time");
    bytes
}

/// Pieces, each of which follows a line with its length, up to an empty one.
fn chunks(stream: &mut impl BufRead) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).expect("it answers in time");
        let length = usize::from_str_radix(line.trim(), 16).expect("a length");
        whole.append(&mut bytes(stream, length));
        let _end_of_line = bytes(stream, 2);
        if length == 0 {
            return whole;
        }
    }
}

/// Where it listens, once it has said so.
fn listening(said: &PathBuf) -> Option<String> {
    let said = fs::read_to_string(said).expect("it is there");
    let line = said.lines().find(|line| line.contains("listening on"))?;
    line.split("http://").nth(1).map(str::to_owned)
}
