//! The smallest HTTP client that keeps its connection, and what it measured.
//! Used by the benchmark of saving, for opbook and the bare handler alike; judges nothing.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A kept connection that posts JSON as the page does.
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
    cookie: String,
}

pub struct Answer {
    pub status: u16,
    pub body: String,
    pub cookie: Option<String>,
}

impl Connection {
    pub async fn open(host: SocketAddr, cookie: String) -> Self {
        let stream = TcpStream::connect(host).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), host, cookie }
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Sec-Fetch-Site: same-origin\r\nCookie: {}\r\n\r\n{body}",
            self.host,
            body.len(),
            self.cookie
        );
        self.stream.get_mut().write_all(request.as_bytes()).await.unwrap();
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap();
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let (mut length, mut cookie) = (0, None);
        loop {
            line.clear();
            self.stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "set-cookie" => cookie = value.split(';').next().map(str::to_owned),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.unwrap();
        Answer { status, body: String::from_utf8(body).unwrap(), cookie }
    }
}

/// One round of all clients.
#[derive(Default)]
pub struct Figures {
    pub latencies: Vec<Duration>,
    pub seconds: f64,
}

impl Figures {
    /// Median of the rounds' requests a second.
    pub fn median_rate(rounds: &[Self]) -> f64 {
        let mut rates: Vec<f64> = rounds.iter().map(|round| round.latencies.len() as f64 / round.seconds).collect();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    }

    /// p50 and p99 over all rounds, in milliseconds.
    pub fn percentiles(rounds: &mut [Self]) -> (f64, f64) {
        let mut all: Vec<Duration> = rounds.iter_mut().flat_map(|round| std::mem::take(&mut round.latencies)).collect();
        all.sort();
        let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        (at(0.5), at(0.99))
    }
}
