//! What the line promises, tried with a server that sends back what it gets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{Line, Loss, Relay};

/// As good as no line at all.
const FAST: Line = Line { bytes_per_second: 1 << 40, delay: Duration::ZERO };
/// How long nothing has to come to be called silence.
const SILENCE: Duration = Duration::from_millis(300);
/// Long enough for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends back what it gets, on every connection. Lives as long as the process.
fn echo() -> SocketAddr {
    serve(|mut stream| {
        let mut reader = stream.try_clone().unwrap();
        let _ = std::io::copy(&mut reader, &mut stream);
        let _ = stream.shutdown(Shutdown::Write);
    })
}

fn serve(answer: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = || std::thread::Builder::new().name("echo".into());
    let accept = move || {
        for stream in listener.incoming().flatten() {
            thread().spawn(move || answer(stream)).unwrap();
        }
    };
    thread().spawn(accept).unwrap();
    address
}

fn connect(relay: &Relay) -> TcpStream {
    let stream = TcpStream::connect(relay.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends bytes from a thread and reads as many.
fn there_and_back(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    let mut writer = stream.try_clone().unwrap();
    let mut back = vec![0; bytes.len()];
    std::thread::scope(|scope| {
        scope.spawn(|| writer.write_all(bytes).unwrap());
        stream.read_exact(&mut back).unwrap();
    });
    back
}

#[test]
fn bytes_come_unchanged_and_so_does_the_end() {
    let relay = Relay::start(echo(), FAST);
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut stream = connect(&relay);
    assert!(there_and_back(&mut stream, &bytes) == bytes);
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!(relay.carried(), bytes.len() as u64);
}

#[test]
fn all_connections_share_the_rate() {
    let relay = Relay::start(echo(), Line { bytes_per_second: 400_000, delay: Duration::ZERO });
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| there_and_back(&mut connect(&relay), &vec![7; 100_000]));
        }
    });
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(450), "200 kB each way at 400 kB/s came in {took:?}");
    assert!(took < Duration::from_secs(30), "200 kB each way at 400 kB/s took {took:?}");
}

#[test]
fn a_byte_takes_the_delay_each_way_and_a_connection_a_round_trip_more() {
    let delay = Duration::from_millis(60);
    let relay = Relay::start(echo(), Line { delay, ..FAST });
    let began = Instant::now();
    let mut stream = connect(&relay);
    assert_eq!(there_and_back(&mut stream, b"a"), b"a");
    assert!(began.elapsed() >= 4 * delay, "{:?}", began.elapsed());
    let again = Instant::now();
    assert_eq!(there_and_back(&mut stream, b"b"), b"b");
    assert!(again.elapsed() >= 2 * delay, "{:?}", again.elapsed());
}

#[test]
fn a_lost_network_resets_and_refuses_until_it_is_back() {
    let relay = Relay::start(echo(), FAST);
    let mut stream = connect(&relay);
    assert_eq!(there_and_back(&mut stream, b"a"), b"a");
    for _ in 0..2 {
        relay.cut(Loss::Reset);
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(TcpStream::connect(relay.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        relay.restore();
        stream = connect(&relay);
        assert_eq!(there_and_back(&mut stream, b"b"), b"b");
    }
}

#[test]
fn what_was_sent_into_silence_comes_when_the_network_is_back() {
    let relay = Relay::start(echo(), FAST);
    let mut stream = connect(&relay);
    assert_eq!(there_and_back(&mut stream, b"a"), b"a");
    relay.cut(Loss::Silence);
    stream.write_all(b"b").unwrap();
    stream.set_read_timeout(Some(SILENCE)).unwrap();
    assert!(matches!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    assert_eq!(TcpStream::connect(relay.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    relay.restore();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut back = [0];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"b");
}

#[test]
fn a_server_that_is_not_there_is_a_reset() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let relay = Relay::start(nobody, FAST);
    let mut stream = connect(&relay);
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
}
