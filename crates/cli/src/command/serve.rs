//! `recount serve`: the record over HTTP, on this machine unless it is said otherwise.

mod installation;

use std::{
    fs::OpenOptions,
    io::{self, Read},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use jiff::tz::TimeZone;
use report::installation::Reached;
use rustix::{fs::OFlags, process::geteuid};
use tokio::signal::unix::{SignalKind, signal};
use web::{Config, Hosts, Server, Token};

use super::{Context, asking, attribution, store::open_store};
use crate::{exit::ExitCode, failure::Failure};

/// How long a request waits for its answer: as long as anybody looks at a page that stays empty.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A longer file holds no token.
const TOKEN_FILE_BYTES: u64 = 4 << 10;

/// Where to serve, and to whom.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 7878)]
    port: u16,

    /// The address of another network than this machine's own; needs `--token-file`
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,

    /// Take the token from this file, which only you may read, instead of making one
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Let in everybody who reaches the port, which is every user of this machine
    #[arg(long, conflicts_with = "token_file")]
    no_auth: bool,
}

/// Serves until it is told to stop.
pub fn run(context: &mut Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let prices = asking::prices(context)?;
    let token = arguments.token()?;
    let store = open_store(&context.environment, &context.loaded)?;
    let links = attribution::links(context)?;
    let (socket, at) = listen(SocketAddr::new(arguments.bind, arguments.port))?;
    let server = Reached {
        at: at.to_string(),
        is_open_to_others: !at.ip().is_loopback(),
        needs_token: token.is_some(),
    };
    let config = Config {
        installation: installation::asking(context, &store, server),
        store,
        prices,
        zone: TimeZone::system(),
        hosts: Hosts::of(at),
        token: token.clone(),
        time_limit: TIME_LIMIT,
        links,
    };
    let server = Server::new(config).map_err(|error| no_random_bytes(&error))?;
    // Who made the token knows it.
    let told = token.filter(|_| arguments.token_file.is_none());
    let told = told.map(|token| format!("?token={}", token.as_str())).unwrap_or_default();
    serve(server, socket, || {
        writeln!(context.output, "http://{at}/{told}");
        context.output.finish()
    })
}

impl Arguments {
    /// What a request has to know.
    fn token(&self) -> Result<Option<Token>, Failure> {
        let is_ours = self.bind.is_loopback();
        match &self.token_file {
            Some(file) => token_in(file).map(Some),
            None if !is_ours => {
                let message = format!("`{}` can be reached from other machines", self.bind);
                Err(Failure::new(ExitCode::Usage, message)
                    .hint("name a file with a token: `--token-file FILE`"))
            }
            None if self.no_auth => Ok(None),
            None => Token::random().map(Some).map_err(|error| no_random_bytes(&error)),
        }
    }
}

fn no_random_bytes(error: &dyn std::error::Error) -> Failure {
    Failure::new(ExitCode::Io, "the system gives no random bytes").caused_by(error)
}

/// The token in a file that nobody else can read.
fn token_in(path: &Path) -> Result<Token, Failure> {
    let name = path.display();
    let unreadable = |error: io::Error| {
        Failure::new(ExitCode::Io, format!("`{name}` cannot be read")).caused_by(&error)
    };
    let wrong = |why: String| {
        Failure::new(ExitCode::Usage, format!("`{name}` {why}"))
            .hint("make one: `(umask 077; openssl rand -hex 32 > FILE)`")
    };
    // A pipe would be waited for, and a link may lead where others write.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).expect("the kernel's flags are an int");
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(wrong("is no regular file".to_owned()));
    }
    if metadata.mode() & 0o077 != 0 || metadata.uid() != geteuid().as_raw() {
        return Err(wrong("can be read by others".to_owned()));
    }
    let mut text = String::new();
    file.take(TOKEN_FILE_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Token::parse(&text).map_err(|error| wrong(error.to_string()))
}

/// Takes the port.
fn listen(at: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(at);
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map(|(at, listener)| (listener, at)).map_err(|error| {
        let taken = error.kind() == io::ErrorKind::AddrInUse;
        let failure = Failure::new(ExitCode::Io, format!("cannot listen at `{at}`"));
        let hint = if taken {
            "another program does, perhaps `recount serve`: name another port with `--port`"
        } else {
            "name an address of this machine, and a port from 1024 on"
        };
        failure.caused_by(&error).hint(hint)
    })
}

/// Serves on this thread, which does nothing but hand requests on.
fn serve(
    server: Server,
    socket: TcpListener,
    announce: impl FnOnce() -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    let cannot = |error: io::Error| Failure::new(ExitCode::Io, "cannot serve").caused_by(&error);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    let ended = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
        // From here on a signal is heard, so whoever reads the URL may stop it.
        announce()?;
        let told = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        server.run(socket, told).await.map_err(cannot)
    });
    // A query that still runs ends with the process.
    runtime.shutdown_background();
    match ended? {
        None => Ok(ExitCode::Ok),
        Some(ended) => Err(Failure::new(ExitCode::Io, ended.to_string())
            .hint("start it again, and run `recount db check`; nothing is lost")),
    }
}
