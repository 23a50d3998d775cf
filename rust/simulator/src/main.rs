//! `esg-simulator`: serves a simulated ESG appliance from a state file.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use esgsync_simulator::{Esg, Server, ServerOptions, State, write_whole};

/// Serves a simulated Libraesva ESG appliance.
///
/// When it listens it prints one line of JSON: {"uri": "http://127.0.0.1:PORT", "certificate": "ca.pem"}.
/// A state file without accounts has two: admin with the password simulator-admin, an administrator, and apiuser with
/// the password simulator-apiuser, which must name the user it acts for in X-Switch-User, for example admin.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The state file: users, roles, and optionally accounts, tokens and options.
    #[arg(long)]
    state: PathBuf,
    /// A file that gets the state after each change and at the end.
    #[arg(long)]
    state_out: Option<PathBuf>,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// HTTPS, with a certificate for localhost made at start.
    #[arg(long)]
    https: bool,
    /// A file for the certificate (PEM) of the authority to trust.
    #[arg(long, requires = "https")]
    certificate_out: Option<PathBuf>,
    /// A file for one JSON line for each request: method, path, status.
    #[arg(long)]
    log: Option<PathBuf>,
    /// A switch of the appliance, for example max_items=20; may be given several times.
    #[arg(long = "option", value_name = "NAME=VALUE")]
    options: Vec<String>,
    /// How long every answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// A file for the line that is printed when it listens.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// End when the standard input ends, so that it does not outlive the program that started it.
    #[arg(long)]
    exit_with_stdin: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Nobody is left to tell when even this fails.
            let _ = writeln!(std::io::stderr(), "esg-simulator: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let about = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(&arguments.state).map_err(|error| about(&arguments.state, &error))?;
    let mut state = State::from_json(&text).map_err(|error| about(&arguments.state, &error))?;
    for assignment in &arguments.options {
        state.options.set(assignment)?;
    }
    let options = ServerOptions {
        address: SocketAddr::new(arguments.address, arguments.port),
        https: arguments.https,
        latency: Duration::from_millis(arguments.latency_ms),
        log: arguments.log.clone(),
        state_out: arguments.state_out.clone(),
    };
    let server = Server::start(Esg::new(state), options).map_err(|error| error.to_string())?;
    if let (Some(path), Some(pem)) = (&arguments.certificate_out, server.ca_pem()) {
        write_whole(path, pem).map_err(|error| about(path, &error))?;
    }
    let line = serde_json::json!({
        "uri": server.uri(),
        "certificate": arguments.certificate_out,
    });
    if let Some(path) = &arguments.ready_file {
        write_whole(path, &line.to_string()).map_err(|error| about(path, &error))?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| format!("standard output: {error}"))?;

    if !arguments.exit_with_stdin {
        loop {
            std::thread::park();
        }
    }
    // What it reads does not matter, only that it ends; an error ends it as well.
    let mut sink = [0; 4096];
    while std::io::stdin().read(&mut sink).is_ok_and(|count| count > 0) {}
    if let Some(path) = &arguments.state_out {
        let state = server.esg().state().to_json();
        write_whole(path, &state).map_err(|error| about(path, &error))?;
    }
    Ok(())
}
