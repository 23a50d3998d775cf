//! `esg-simulator`: serves a simulated ESG appliance from a state file.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use esgsync_simulator::{Esg, Server, ServerOptions, State, apply_profile, rules_table, write_whole};

/// Serves a simulated Libraesva ESG appliance.
///
/// When it listens it prints one line of JSON: {"uri": "http://127.0.0.1:PORT", "certificate": "ca.pem"}.
/// A state file without accounts has two: admin with the password simulator-admin, an administrator, and apiuser with
/// the password simulator-apiuser, which must name the user it acts for in X-Switch-User, for example admin.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The state file: users, roles, and optionally accounts, tokens and options.
    #[arg(long, required_unless_present = "rules")]
    state: Option<PathBuf>,
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
    /// Whose words it uses and which version of the framework it is: esg, recorded-app, or a version such as 4.3.15. Several add up.
    #[arg(long = "profile", value_name = "NAME")]
    profiles: Vec<String>,
    /// A switch of the appliance, for example max_items=20; may be given several times.
    #[arg(long = "option", value_name = "NAME=VALUE")]
    options: Vec<String>,
    /// A file with fault rules, as POST /__simulator/faults takes them.
    #[arg(long)]
    faults: Option<PathBuf>,
    /// The seed of faults that strike by chance: lost, cut, slow and foreign answers, 429, 500, 502 and 503.
    #[arg(long, default_value_t = 0)]
    faults_seed: u64,
    /// The share of requests that they strike, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    fault_rate: f64,
    /// Prints every rule of the appliance with its ground and source, and ends.
    #[arg(long)]
    rules: bool,
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
    let mut out = std::io::stdout();
    let Some(path) = arguments.state.as_ref().filter(|_| !arguments.rules) else {
        return out.write_all(rules_table().as_bytes()).map_err(|error| format!("standard output: {error}"));
    };
    let text = std::fs::read_to_string(path).map_err(|error| about(path, &error))?;
    let mut state = State::from_json(&text).map_err(|error| about(path, &error))?;
    for name in &arguments.profiles {
        apply_profile(name, &mut state.options)?;
    }
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
    let mut esg = Esg::new(state);
    if let Some(path) = &arguments.faults {
        let text = std::fs::read_to_string(path).map_err(|error| about(path, &error))?;
        esg.set_faults(serde_json::from_str(&text).map_err(|error| about(path, &error))?);
    }
    if !(0.0..=1.0).contains(&arguments.fault_rate) {
        return Err(format!("--fault-rate must be from 0 to 1, not {}", arguments.fault_rate));
    }
    if arguments.fault_rate > 0.0 {
        esg.set_chance(arguments.faults_seed, arguments.fault_rate);
    }
    let server = Server::start(esg, options).map_err(|error| error.to_string())?;
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
