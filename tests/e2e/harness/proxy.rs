//! A way to the host that can be closed.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// They are relayed.
    Open,
    /// Those that are there are cut, new ones are closed at once.
    Closed,
    /// New ones are accepted and never answered.
    Silent,
    /// The listener is to end.
    Ended,
}

/// A plain TCP relay to the host's API server on a port of its own; it ends with this.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    way: Way,
    /// Both ends of every connection, to be cut.
    streams: HashMap<usize, [TcpStream; 2]>,
    /// Connections that nobody answers.
    silent: Vec<TcpStream>,
    accepted: usize,
}

impl Proxy {
    /// Relays to `target`, `host:port`.
    pub(crate) fn to(target: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State {
            way: Way::Open,
            streams: HashMap::new(),
            silent: Vec::new(),
            accepted: 0,
        }));
        let (ours, target) = (Arc::clone(&state), target.to_owned());
        thread::spawn(move || accept(&listener, &target, &ours));
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// How many connections have been made so far.
    pub(crate) fn accepted(&self) -> usize {
        self.state
            .lock()
            .expect("no panic while it is held")
            .accepted
    }

    /// From now on connections are treated like this.
    pub(crate) fn set(&self, way: Way) {
        let mut state = self.state.lock().expect("no panic while it is held");
        state.way = way;
        if way != Way::Open {
            for stream in state.streams.drain().flat_map(|(_, both)| both) {
                // The other side may have been quicker.
                drop(stream.shutdown(Shutdown::Both));
            }
        }
        state.silent.clear();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Way::Ended);
        // So that the listener's thread sees it.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

fn accept(listener: &TcpListener, target: &str, state: &Arc<Mutex<State>>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let mut now = state.lock().expect("no panic while it is held");
        now.accepted += 1;
        match now.way {
            Way::Ended => return,
            Way::Closed => drop(stream),
            Way::Silent => now.silent.push(stream),
            Way::Open => {
                // A host that is not there closes the connection, as it should be.
                drop(relay(stream, target, &mut now));
            }
        }
    }
}

fn relay(near: TcpStream, target: &str, state: &mut State) -> io::Result<()> {
    let far = TcpStream::connect(target)?;
    for stream in [&near, &far] {
        stream.set_nodelay(true)?;
    }
    let both = [near.try_clone()?, far.try_clone()?];
    state.streams.insert(state.accepted, both);
    copy(near.try_clone()?, far.try_clone()?);
    copy(far, near);
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // However it ends, the other direction has to know.
        drop(io::copy(&mut from, &mut to));
        drop(to.shutdown(Shutdown::Write));
    });
}
