//! By which names the server may be called: a page of another site that has its name lead to this
//! machine (DNS rebinding) calls it by that name.

use std::net::{IpAddr, SocketAddr};

/// The names by which the server may be called.
#[derive(Clone, Debug)]
pub struct Hosts {
    port: u16,
    names: Vec<String>,
    /// It is bound to every address: no name is known, and no name can be rebound to a number.
    any_number: bool,
}

impl Hosts {
    /// Those of a server that is bound there: the address itself, and on a loopback one its names.
    pub fn of(bound: SocketAddr) -> Self {
        let mut names = vec![literal(bound.ip())];
        if bound.ip().is_loopback() || bound.ip().is_unspecified() {
            names.extend(["127.0.0.1", "localhost", "[::1]"].map(str::to_owned));
        }
        Self { port: bound.port(), names, any_number: bound.ip().is_unspecified() }
    }

    /// Whether a `Host` header, with its port, names this server.
    pub(crate) fn accepts(&self, host: &str) -> bool {
        let named = |name: &String| {
            let rest = host.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
            rest.is_some() && self.is_our_port(&host[name.len()..])
        };
        let is_number = || host.parse().is_ok_and(|at: SocketAddr| at.port() == self.port);
        self.names.iter().any(named) || (self.any_number && is_number())
    }

    /// A port that is left out is that of HTTP.
    fn is_our_port(&self, rest: &str) -> bool {
        match rest.strip_prefix(':') {
            Some(port) => port == self.port.to_string(),
            None => rest.is_empty() && self.port == 80,
        }
    }

    /// The port, which browsers leave out of account where they keep cookies.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// An address as it stands in a URL.
fn literal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_names_with_its_port_are_accepted() {
        let loopback = ["127.0.0.1:7878", "localhost:7878", "LOCALHOST:7878", "[::1]:7878"];
        let foreign = [
            "evil.example:7878",
            "127.0.0.1",
            "127.0.0.1:7879",
            "127.0.0.1:07878",
            "127.0.0.1.evil.example:7878",
            "localhost:7878.evil.example",
            "localhost.:7878",
            "localhost:",
            "",
        ];
        let cases: [(&str, &[&str], &[&str]); 4] = [
            ("127.0.0.1:7878", &loopback, &foreign),
            ("[::1]:7878", &loopback, &foreign),
            ("192.168.1.5:7878", &["192.168.1.5:7878"], &["127.0.0.1:7878", "192.168.1.6:7878"]),
            ("0.0.0.0:7878", &["192.168.1.5:7878", "localhost:7878"], &foreign[..1]),
        ];
        for (bound, accepted, refused) in cases {
            let hosts = Hosts::of(bound.parse().expect("an address"));
            for host in accepted {
                assert!(hosts.accepts(host), "{host} of {bound}");
            }
            for host in refused {
                assert!(!hosts.accepts(host), "{host} of {bound}");
            }
        }
        assert!(Hosts::of("127.0.0.1:80".parse().expect("an address")).accepts("127.0.0.1"));
    }
}
