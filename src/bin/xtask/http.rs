//! A static host for this machine alone, as plain as those the page must work on.
//!
//! One thread a connection and one request a connection. A pool of threads would be wrong
//! here: a browser opens several connections ahead of need, and one that says nothing would
//! keep a file of the page waiting.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};

/// How long a silent visitor is kept.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes of a request that are read.
const LONGEST_HEAD: u64 = 64 * 1024;

/// In place of the page's service worker while it is worked on: a page that is kept would not show what was changed.
const NO_WORKER: &str = "self.addEventListener('install', function () { self.skipWaiting(); });\n\
    self.addEventListener('activate', function () { self.registration.unregister(); });\n";

/// Serves a folder in the background, on `port` or the next free one (0: any), and gives its address. `fresh`: browsers
/// are kept from keeping the page.
pub fn start(folder: &Path, port: u16, fresh: bool) -> Result<String> {
    let listener = listen(port)?;
    let address = format!("http://{}/", listener.local_addr()?);
    let folder: Arc<Path> = folder.into();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = Arc::clone(&folder);
            // A visitor who has gone is no reason to stop.
            std::thread::spawn(move || answer(stream, &folder, fresh).ok());
        }
    });
    Ok(address)
}

fn listen(port: u16) -> Result<TcpListener> {
    let last = if port == 0 { 0 } else { port.saturating_add(50) };
    for candidate in port..=last {
        match TcpListener::bind(("127.0.0.1", candidate)) {
            Ok(listener) => {
                if candidate != port {
                    println!("port {port} is taken, using {candidate}");
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => bail!("port {candidate} can't be used: {error}"),
        }
    }
    bail!("ports {port} to {last} are all taken: choose another with --port.")
}

/// Answers one request and closes the connection.
fn answer(mut stream: TcpStream, folder: &Path, fresh: bool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = BufReader::new(stream.try_clone()?).take(LONGEST_HEAD);
    let (mut first, mut line) = (String::new(), String::new());
    head.read_line(&mut first)?;
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = first.split_whitespace();
    let (method, url) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (status, mime, body) = match (method, find(folder, url)) {
        ("GET" | "HEAD", Some((path, _))) if fresh && path.ends_with("sw.js") => {
            ("200 OK", mime(&path), NO_WORKER.into())
        }
        ("GET" | "HEAD", Some((path, body))) => ("200 OK", mime(&path), body),
        ("GET" | "HEAD", None) => ("404 Not Found", "text/plain", b"There is no such file.\n".to_vec()),
        _ => ("405 Method Not Allowed", "text/plain", b"Only GET and HEAD are answered.\n".to_vec()),
    };
    let length = body.len();
    let mut reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    .into_bytes();
    if method != "HEAD" {
        reply.extend(body);
    }
    stream.write_all(&reply)?;
    stream.shutdown(Shutdown::Write)
}

/// The file a request means, and its content; none when there is none or it lies outside `folder`.
fn find(folder: &Path, url: &str) -> Option<(PathBuf, Vec<u8>)> {
    let mut path = folder.join(relative(url)?);
    if path.is_dir() {
        path.push("index.html");
    }
    let body = fs::read(&path).ok()?;
    Some((path, body))
}

/// The path a URL names, without query, decoded; none when it tries to climb.
fn relative(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let decoded = PathBuf::from(decode(path)?.trim_start_matches('/'));
    let plain = decoded.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    (plain && !decoded.to_string_lossy().contains(['\\', '\0'])).then_some(decoded)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_url_names_a_file_below_the_folder() {
        assert_eq!(relative("/"), Some(PathBuf::new()));
        assert_eq!(relative("/style/base.css?v=1"), Some(PathBuf::from("style/base.css")));
        assert_eq!(relative("//etc/passwd"), Some(PathBuf::from("etc/passwd")));
        assert_eq!(relative("/a%20b.txt"), Some(PathBuf::from("a b.txt")));
    }

    #[test]
    fn a_url_that_climbs_names_nothing() {
        for url in
            ["/../Cargo.toml", "/style/../../x", "/%2e%2e/x", "/..%2fx", "/..%5cx", "/a%00", "/%zz", "/%e"]
        {
            assert_eq!(relative(url), None, "{url}");
        }
    }

    #[test]
    fn a_taken_port_gives_the_next_one() {
        let first = listen(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let second = listen(port).unwrap();
        assert!(second.local_addr().unwrap().port() > port);
    }

    /// A browser opens several connections at once and keeps them: none may wait for another.
    #[test]
    fn connections_do_not_wait_for_each_other() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let address = start(folder, 0, false).unwrap();
        let host = address.trim_start_matches("http://").trim_end_matches('/');
        let mut open: Vec<_> = (0..32).map(|_| TcpStream::connect(host).unwrap()).collect();
        for stream in open.iter_mut().rev() {
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            stream.write_all(b"GET /LICENSE-MIT HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let mut start = [0; 15];
            stream.read_exact(&mut start).unwrap();
            assert_eq!(&start, b"HTTP/1.1 200 OK");
        }
    }

    #[test]
    fn what_is_not_a_request_for_a_file_is_refused() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let address = start(folder, 0, false).unwrap();
        let host = address.trim_start_matches("http://").trim_end_matches('/');
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(host).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).unwrap();
            reply
        };
        assert!(ask("HEAD /LICENSE-MIT HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
        assert!(ask("GET /LICENSE-MIT?v=1 HTTP/1.1\r\n\r\n").contains("Permission is hereby granted"));
        assert!(ask("GET /nothing HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        assert!(ask("GET /src/../../x HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        assert!(ask("POST /LICENSE-MIT HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
        assert!(ask("\r\n\r\n").starts_with("HTTP/1.1 405 "));
    }

    #[test]
    fn wasm_has_its_own_type() {
        assert_eq!(mime(Path::new("receptive_bg.wasm")), "application/wasm");
    }
}
