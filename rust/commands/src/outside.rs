//! What lies outside of the engine: network, clock and disk. A simulation brings its own (design 12); it is no part of what ships.

#[cfg(test)]
use crate::simulation;
use esgsync_run::Memory;
use esgsync_targets::TargetError;
use esgsync_targets::esg::EsgConfig;
use esgsync_targets::transport::{Request, ReqwestTransport, Response, Transport, TransportError};
use jiff::Timestamp;
use std::sync::Arc;

/// The world that an engine works in.
#[derive(Clone, Default)]
pub(crate) enum Outside {
    /// The real one.
    #[default]
    Real,
    #[cfg(test)]
    Simulated(simulation::Outside),
}

impl Outside {
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => Timestamp::now(),
            #[cfg(test)]
            Self::Simulated(outside) => outside.now(),
        }
    }

    /// What makes the jitter of waits repeatable.
    pub fn jitter_seed(&self) -> Option<u64> {
        match self {
            Self::Real => None,
            #[cfg(test)]
            Self::Simulated(outside) => Some(outside.seed()),
        }
    }

    /// Where states lie that are no files.
    pub fn memory(&self) -> Option<Arc<Memory>> {
        match self {
            Self::Real => None,
            #[cfg(test)]
            Self::Simulated(outside) => Some(outside.memory()),
        }
    }

    /// The way to an appliance.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub fn network(&self, config: &EsgConfig) -> Result<Network, TargetError> {
        match self {
            Self::Real => Ok(Network::Real(config.network()?)),
            #[cfg(test)]
            Self::Simulated(outside) => Ok(Network::Simulated(outside.network())),
        }
    }
}

/// The way to an appliance.
pub(crate) enum Network {
    Real(ReqwestTransport),
    #[cfg(test)]
    Simulated(simulation::Network),
}

impl Transport for Network {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match self {
            Self::Real(network) => network.send(request).await,
            #[cfg(test)]
            Self::Simulated(network) => network.send(request).await,
        }
    }
}
