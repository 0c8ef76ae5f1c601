//! A registry on loopback that answers as a test wants, and an image for it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::image;

/// What came in.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What goes out: a body that is cut breaks the connection.
#[derive(Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub cut: Option<usize>,
}

pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, body: body.into(), ..Reply::default() }
}

impl Reply {
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A server on loopback and what it was asked.
pub struct Server {
    pub host: String,
    pub asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// The answer gets the number of times that the same thing was asked before.
    pub fn start(answer: impl Fn(&Request, usize, &str) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (log, answer, own) = (Arc::clone(&asked), Arc::new(answer), host.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, log, answer, own) =
                    (stream.unwrap(), Arc::clone(&log), Arc::clone(&answer), own.clone());
                std::thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    let before = {
                        let mut log = log.lock().unwrap();
                        log.push(request.clone());
                        log.iter().filter(|known| known.path == request.path).count() - 1
                    };
                    write(stream, &answer(&request, before, &own));
                });
            }
        });
        Server { host, asked }
    }

    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub fn count(&self, part: &str) -> usize {
        self.asked().iter().filter(|request| request.path.contains(part)).count()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    lines.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body: String::from_utf8(body).unwrap() })
}

fn write(mut stream: TcpStream, reply: &Reply) {
    let mut head = format!(
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        reply.status,
        reply.body.len()
    );
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = &reply.body[..reply.cut.unwrap_or(reply.body.len()).min(reply.body.len())];
    // A client that has what it wants may be gone.
    drop(stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(body)));
}

pub fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// An image of one layer: a Debian with a banned package, or a clean one.
#[derive(Clone)]
pub struct Image {
    pub layer: Vec<u8>,
    pub config: Vec<u8>,
    pub manifest: Vec<u8>,
}

impl Image {
    pub fn new(packages: &[(&str, &str)], gzip: bool) -> Image {
        let mut tar = Vec::new();
        let mut add =
            |path: &str, bytes: &[u8]| image::member(&mut tar, path.as_bytes(), b'0', 0o644, b"", bytes);
        add("etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\n");
        add("var/lib/dpkg/status", super::status(packages).as_bytes());
        // Bytes that do not compress, so that the layer comes in several reads.
        let mut random = image::Random(7);
        let noise: Vec<u8> = (0..300_000).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        add("opt/noise", &noise);
        tar.resize(tar.len() + 1024, 0);
        let diff_id = digest(&tar);
        let layer = if !gzip {
            tar
        } else {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&tar).unwrap();
            encoder.finish().unwrap()
        };
        let config = serde_json::json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff_id]},
            "history": [{"created_by": "RUN install"}]})
        .to_string()
        .into_bytes();
        let manifest = serde_json::json!({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": digest(&config), "size": config.len()},
            "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "digest": digest(&layer), "size": layer.len()}]})
        .to_string()
        .into_bytes();
        Image { layer, config, manifest }
    }

    pub fn banned() -> Image {
        Image::new(&[("kesl", "12.1.0-1274")], true)
    }

    /// The answer of a registry that has it.
    pub fn answer(&self, path: &str) -> Reply {
        let by_digest = [&self.layer, &self.config, &self.manifest]
            .into_iter()
            .find(|bytes| path.ends_with(&digest(bytes)));
        match by_digest {
            Some(bytes) => reply(200, bytes.clone()),
            None if path.ends_with("/manifests/1") => {
                reply(200, self.manifest.clone()).with("Docker-Content-Digest", digest(&self.manifest))
            }
            None => reply(404, "{}"),
        }
    }

    pub fn is_layer(&self, path: &str) -> bool {
        path.ends_with(&digest(&self.layer))
    }
}
