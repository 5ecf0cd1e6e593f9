//! Reads any bytes as the index of the disk cache and as the trailer of a file in it: neither reader may panic,
//! and what one takes in is what was written.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(init: begin_corpus(), |bytes: &[u8]| {
    flickreel::cache::fuzzing::read(bytes);
});

/// Puts samples into the corpus folder that the program was given, when nothing is in it.
#[cfg(fuzzing)]
fn begin_corpus() {
    let folder = std::env::args().skip(1).map(std::path::PathBuf::from).find(|path| path.is_dir());
    let Some(folder) = folder.filter(|folder| folder.read_dir().is_ok_and(|mut files| files.next().is_none())) else { return };
    for (number, sample) in flickreel::cache::fuzzing::samples().into_iter().enumerate() {
        std::fs::write(folder.join(format!("sample-{number}")), sample).expect("the corpus folder can be written");
    }
}

#[cfg(not(fuzzing))]
fn main() {}
