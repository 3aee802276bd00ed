//! A client of the program's server that speaks HTTP as it stands in the book, and nothing else.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::{Run, Running, TestEnvironment};

/// A reply that takes longer hangs.
const LIMIT: Duration = Duration::from_mins(1);

/// `recount serve`, which ends with the test.
pub struct Served {
    /// The process.
    pub process: Running,
    /// Where it listens.
    pub at: SocketAddr,
    /// What a request has to know.
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, one a line, names in lower case.
    pub headers: String,
    /// The body.
    pub body: String,
}

impl Served {
    /// Starts it at a free port.
    pub fn start(environment: &TestEnvironment, arguments: &[&str]) -> Self {
        Self::of(environment.recount(["serve", "--port", "0"]).arguments(arguments))
    }

    /// Waits until it listens.
    pub fn of(run: Run) -> Self {
        let mut process = run.start();
        let url = process.line();
        let rest = url.trim().strip_prefix("http://").expect("it prints its URL");
        let (at, query) = rest.split_once('/').expect("a URL has a path");
        let token = query.strip_prefix("?token=").map(str::to_owned);
        Self { process, at: at.parse().expect("an address"), token }
    }

    /// Asks for a path with what it has to know.
    pub fn get(&self, path: &str) -> Reply {
        self.get_with(path, "")
    }

    /// The same with further header lines.
    pub fn get_with(&self, path: &str, headers: &str) -> Reply {
        let mut stream = self.request(path, headers);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a reply");
        let text = String::from_utf8(bytes).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head ends");
        let (status, headers) = head.split_once("\r\n").expect("a status line");
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        Reply {
            status: status.expect("a status"),
            headers: headers.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The lines of an endless reply.
    pub fn listen(&self, path: &str) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.request(path, "")).lines().map_while(Result::ok)
    }

    fn request(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).expect("it listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a socket can wait");
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}{headers}\r\n",
            self.at,
            token.unwrap_or_default()
        );
        stream.write_all(request.as_bytes()).expect("it listens");
        stream
    }
}

impl Reply {
    /// What is answered: the text between the parts that every answer has.
    pub fn data(&self) -> &str {
        assert_eq!(self.status, 200, "{self:#?}");
        let data = self.body.strip_prefix("{\"success\": true, \"data\": ");
        data.and_then(|data| data.strip_suffix("}\n")).expect("an answer")
    }

    /// What a header says.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}
