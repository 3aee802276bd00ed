//! Speaks HTTP on a socket, within limits, until it is told to stop.

use std::{io, net, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use thiserror::Error;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    Config, Links,
    answers::Answers,
    events::{LISTENERS, watch_record},
    guard::Guard,
    routes::{Site, router},
};

/// Who comes when so many are connected waits.
const CONNECTIONS: usize = 64;
/// How long the head of a request may take, the pause before it included.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long it may be …
const HEAD_BYTES: usize = 32 << 10;
/// … and how many headers it may have.
const HEADERS: usize = 64;
/// How long replies that are under way may take when the server is told to stop.
const FAREWELL: Duration = Duration::from_millis(1_500);
/// How long to wait where no connection can be taken, as with too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Why a server has stopped that nobody told to.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Ended {
    /// A call of the engine does not come back, and has the lease.
    #[error("the database engine does not come back")]
    EngineHangs,
    /// The engine panicked, and keeps its lock for as long as the process lives.
    #[error("the database engine failed in an assertion")]
    EnginePanicked,
}

/// A server that has no socket yet.
pub struct Server {
    router: Router,
    answers: Answers,
    links: Links,
    stop: watch::Sender<bool>,
}

impl Server {
    /// One that serves that.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn new(config: Config) -> Result<Self, getrandom::Error> {
        let Config { store, prices, zone, hosts, token, time_limit, installation, links } = config;
        let answers = Answers::new(store, prices, time_limit)?;
        let stop = watch::Sender::new(false);
        let guard = Guard { hosts, token };
        let site = Site {
            answers: answers.clone(),
            zone,
            installation,
            links: links.clone(),
            stop: stop.subscribe(),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
        };
        let router = router(site, Arc::new(guard));
        Ok(Self { router, answers, links, stop })
    }

    /// What answers, for whoever has a request and no socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Serves until `told` is done, then ends what is under way. A query that still runs then is
    /// left to run: ending the process ends it, and loses nothing.
    ///
    /// # Errors
    /// The socket is of no use.
    pub async fn run(
        self,
        socket: net::TcpListener,
        told: impl Future<Output = ()>,
    ) -> io::Result<Option<Ended>> {
        socket.set_nonblocking(true)?;
        let listener = TcpListener::from_std(socket)?;
        let mut ended = self.answers.ended();
        let mut connections = JoinSet::new();
        let watching = tokio::spawn(watch_record(self.answers.clone(), self.stop.subscribe()));
        let settling = self.answers.clone().settle(self.links.clone(), self.stop.subscribe());
        let settling = tokio::spawn(settling);
        let why = tokio::select! {
            () = told => None,
            why = ended.wait_for(Option::is_some) => why.ok().and_then(|why| *why),
            () = self.accept(&listener, &mut connections) => None,
        };
        drop(listener);
        self.stop.send_replace(true);
        watching.abort();
        settling.abort();
        let all = async { while connections.join_next().await.is_some() {} };
        // Who is not done by then is cut off.
        let _ = timeout(FAREWELL, all).await;
        Ok(why)
    }

    /// Takes connections without end.
    async fn accept(&self, listener: &TcpListener, connections: &mut JoinSet<()>) {
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            while connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((socket, _)) => {
                    let connection = Connection { socket, permit, stop: self.stop.subscribe() };
                    connections.spawn(connection.serve(self.router.clone()));
                }
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

struct Connection {
    socket: TcpStream,
    permit: OwnedSemaphorePermit,
    stop: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(self, router: Router) {
        let Self { socket, permit: _permit, mut stop } = self;
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router));
        let mut connection = pin!(connection);
        // What a client does wrong is its own business.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}

/// Is done when the server stops.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A server that is gone has stopped too.
    let _ = stop.wait_for(|stop| *stop).await;
}
