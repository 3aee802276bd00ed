//! `recount serve`, and a connection to it that stays: as much HTTP as that takes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use crate::{Fallible, world::World};

/// A server, which ends when it is dropped.
pub struct Server {
    process: Child,
    at: String,
    token: String,
}

impl Server {
    /// One at a free port.
    pub fn start(world: &World) -> Fallible<Self> {
        let mut process = world.recount(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        let stdout = process.stdout.take().ok_or("it is piped")?;
        BufReader::new(stdout).read_line(&mut url)?;
        let told = url.trim().strip_prefix("http://").and_then(|url| url.split_once("/?token="));
        let (at, token) = told.ok_or("it prints its URL")?;
        Ok(Self { process, at: at.to_owned(), token: token.to_owned() })
    }

    /// A connection to it.
    pub fn connect(&self) -> Fallible<Connection<'_>> {
        let stream = TcpStream::connect(&self.at)?;
        stream.set_nodelay(true)?;
        Ok(Connection { server: self, stream: BufReader::new(stream) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It keeps nothing that could be lost.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One connection, on which one request follows the other.
pub struct Connection<'s> {
    server: &'s Server,
    stream: BufReader<TcpStream>,
}

impl Connection<'_> {
    /// Asks, and reads the answer to its end; says whether there was one, or only the word to come again.
    pub fn get(&mut self, path: &str) -> Fallible<bool> {
        let Server { at, token, .. } = self.server;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            head.push(line.to_ascii_lowercase());
        }
        let length = head.iter().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.ok_or("an answer has a length")?.trim().parse()?;
        self.stream.read_exact(&mut vec![0; length])?;
        match head.first().and_then(|status| status.split(' ').nth(1)) {
            Some("200") => Ok(true),
            Some("503") => Ok(false),
            _ => Err(format!("{path}: {head:?}").into()),
        }
    }
}
