//! How many names a second, and how long one takes, on the loopback address.
//!
//! In: nothing. Out: JSON under `target/bench`, for the report. Never: judges.
//!
//! The server has one thread, as in the syncer, and 5,000 Services with 20,000 endpoints. The askers are
//! a thread each and wait for every answer, so they need processors of their own: on a machine with one,
//! figures say more about them than about the server. The processor's time that the server's thread takes
//! for an answer says what one core could do if it did nothing else.

#[path = "../create/machine.rs"]
mod machine;
#[expect(dead_code, reason = "it has more for parts that have more to say")]
#[path = "../report/record.rs"]
mod record;
#[path = "../report/shape.rs"]
mod shape;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};
use serde_json::json;
use vc::dns::{Names, Server, Sockets, Upstream};

use crate::record::{Figure, Is, Of, Part};

const SERVICES: usize = 5000;

const RATE: &str = "DNS, answers a second of one core";

/// Samples of each round that are kept: every so-manieth of them in order of size, which keeps their quantiles.
const KEPT: usize = 2_000;

/// Measures the DNS of `vc`
#[derive(Debug, Parser)]
struct Args {
    /// How long each round lasts
    #[arg(long, env = "VC_BENCH_DNS_SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,

    /// How many ask at once in the round for throughput
    #[arg(long, env = "VC_BENCH_DNS_ASKERS", default_value_t = 4,
          value_parser = clap::value_parser!(u32).range(1..))]
    askers: u32,

    /// What `cargo bench` passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one round showed.
struct Round {
    askers: u32,
    took: Duration,
    /// Ascending.
    samples: Vec<Duration>,
    server: Duration,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let began = Instant::now();
    let names = Arc::new(Names::new("cluster.local"));
    fill(&names);
    say(&format!(
        "{SERVICES} services read in {:.2?}\n",
        began.elapsed()
    ));
    let (address, task) = serve(names)?;
    let mut part = Part::new("dns", machine::describe(None));
    part.plan(Figure::new("", RATE, "answers/s").bound(Of::Median, Is::AtLeast, 20_000.0));
    part.detail(RATE, "of the processor time of the server's thread");
    for askers in [1, args.askers] {
        let round = measure(address, task, askers, Duration::from_secs(args.seconds))?;
        say(&round.table());
        part.sample(RATE, round.per_core_second());
        let name = format!("DNS, one answer, {askers} asking");
        part.plan(Figure::new("", &name, "ms").bound(Of::P99, Is::AtMost, 2.0));
        for sample in round
            .samples
            .iter()
            .step_by(round.samples.len().div_ceil(KEPT))
        {
            part.sample(&name, sample.as_secs_f64() * 1_000.0);
        }
    }
    part.finish()
}

/// What a large cluster has.
fn fill(names: &Names) {
    let mut index = names.index();
    for namespace in 0..50 {
        index.set_namespace(&format!("ns-{namespace}"), true);
    }
    for number in 0..SERVICES {
        let (high, low) = (number / 250, number % 250 + 1);
        let (namespace, name) = (format!("ns-{}", number % 50), format!("web-{number}"));
        let address = format!("10.96.{high}.{low}");
        let service = json!({"spec": {
            "clusterIP": address, "clusterIPs": [address],
            "ports": [{"name": "http", "protocol": "TCP", "port": 80}],
        }});
        index.set_service(&namespace, &name, &service);
        let endpoints: Vec<_> = (0..4)
            .map(|pod| json!({"addresses": [format!("10.{}.{high}.{low}", pod + 1)]}))
            .collect();
        let slice = json!({
            "metadata": {"labels": {"kubernetes.io/service-name": name}},
            "ports": [{"name": "http", "protocol": "TCP", "port": 80}],
            "endpoints": endpoints,
        });
        index.set_slice(&namespace, &name, &slice);
    }
    drop(index);
    names.complete();
}

/// Starts the server on a thread of its own; answers with where it listens, and its thread's number.
fn serve(names: Arc<Names>) -> anyhow::Result<(SocketAddr, u32)> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let sockets = Sockets::bind_to((Ipv4Addr::LOCALHOST, 0).into()).await?;
            let task = std::fs::read_link("/proc/thread-self")?;
            let number = task
                .file_name()
                .and_then(|name| name.to_str()?.parse().ok());
            tell.send((sockets.address()?, number.unwrap_or_default()))?;
            let upstream = Upstream::new(Vec::new(), vec!["cluster.local".to_owned()]);
            Server::new(names, upstream).serve(sockets).await;
            Ok(())
        })
    });
    told.recv().context("the server did not start")
}

fn measure(
    address: SocketAddr,
    task: u32,
    askers: u32,
    duration: Duration,
) -> anyhow::Result<Round> {
    let before = processor_time(task)?;
    let began = Instant::now();
    let threads: Vec<_> = (0..askers)
        .map(|asker| thread::spawn(move || ask(address, asker as usize, duration)))
        .collect();
    let mut samples = Vec::new();
    for thread in threads {
        match thread.join() {
            Ok(more) => samples.extend(more?),
            Err(_) => anyhow::bail!("an asker panicked"),
        }
    }
    let took = began.elapsed();
    ensure!(!samples.is_empty(), "there was no answer");
    samples.sort_unstable();
    Ok(Round {
        askers,
        took,
        samples,
        server: processor_time(task)?.saturating_sub(before),
    })
}

/// Asks one question after the other: a name that is there, one of a search list that is not, and so on.
fn ask(address: SocketAddr, seed: usize, duration: Duration) -> io::Result<Vec<Duration>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    let questions = questions(seed)?;
    let mut samples = Vec::new();
    let mut buffer = [0; 1500];
    let began = Instant::now();
    for question in questions.iter().cycle() {
        let asked = Instant::now();
        if asked.duration_since(began) >= duration {
            break;
        }
        socket.send(question)?;
        let length = socket.recv(&mut buffer)?;
        samples.push(asked.elapsed());
        if length < question.len() || buffer.get(..2) != question.get(..2) {
            return Err(io::Error::other("an answer to something else"));
        }
    }
    Ok(samples)
}

fn questions(seed: usize) -> io::Result<Vec<Vec<u8>>> {
    let mut questions = Vec::new();
    for turn in 0..1000 {
        let number = (turn * 37 + seed * 997) % SERVICES;
        let base = format!("web-{number}.ns-{}.svc.cluster.local.", number % 50);
        let (text, kind) = match turn % 5 {
            0 | 1 => (base, RecordType::A),
            2 => (base, RecordType::AAAA),
            3 => (format!("www.example.com.{base}"), RecordType::A),
            _ => (format!("_http._tcp.{base}"), RecordType::SRV),
        };
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        let name = Name::from_ascii(text).map_err(io::Error::other)?;
        message.add_query(Query::query(name, kind));
        questions.push(message.to_vec().map_err(io::Error::other)?);
    }
    Ok(questions)
}

/// Time on a processor that a thread of this process has had.
fn processor_time(task: u32) -> anyhow::Result<Duration> {
    let path = format!("/proc/self/task/{task}/schedstat");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read `{path}`"))?;
    let nanoseconds = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

impl Round {
    fn percentile(&self, percent: usize) -> Duration {
        let place = (self.samples.len() * percent / 100).min(self.samples.len() - 1);
        self.samples.get(place).copied().unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "for the eye")]
    fn per_second(&self) -> f64 {
        self.samples.len() as f64 / self.took.as_secs_f64()
    }

    /// What a core could do that did nothing else.
    #[expect(clippy::cast_precision_loss, reason = "for the eye")]
    fn per_core_second(&self) -> f64 {
        self.samples.len() as f64 / self.server.as_secs_f64()
    }

    fn table(&self) -> String {
        let met = |is_met| if is_met { "met" } else { "missed" };
        format!(
            "{} asking: {:.0}/s; {:.0}/s of the server's processor time (20000: {}); median {:.1?}, p99 {:.1?} (2 ms: {})\n",
            self.askers,
            self.per_second(),
            self.per_core_second(),
            met(self.per_core_second() >= 20_000.0),
            self.percentile(50),
            self.percentile(99),
            met(self.percentile(99) <= Duration::from_millis(2)),
        )
    }
}

/// Says it, whether anybody listens or not.
fn say(text: &str) {
    use std::io::Write as _;
    if io::stderr().lock().write_all(text.as_bytes()).is_err() {
        // Nobody does.
    }
}
