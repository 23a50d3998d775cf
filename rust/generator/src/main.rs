//! Writes a generated tenant: `snapshot.jsonl`, `exchange.json` (rows for the stand-in), `esg.json` (state of the simulator) and `truth.json`.

#![allow(clippy::print_stdout, reason = "a program for the command line")]

use clap::Parser;
use esgsync_generator::{Settings, generate};
use std::fs;
use std::io::Error;
use std::path::PathBuf;

/// Makes a tenant of which it is known who has access.
#[derive(Parser)]
#[command(name = "esg-tenant-generator", version)]
struct Arguments {
    /// The same seed and size give the same tenant.
    #[arg(long)]
    seed: u64,
    /// Number of mailboxes.
    #[arg(long, default_value_t = 3)]
    size: usize,
    /// Folder for the files; it is made where it is missing.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> Result<(), Error> {
    let arguments = Arguments::parse();
    let tenant = generate(arguments.seed, Settings { size: arguments.size, ordinary: true });
    fs::create_dir_all(&arguments.out)?;
    let files = tenant.files(arguments.seed);
    for (name, text) in &files {
        fs::write(arguments.out.join(name), text)?;
        println!("{}", arguments.out.join(name).display());
    }
    Ok(())
}
