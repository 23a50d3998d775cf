//! What a task needs besides its calls: the configuration file, protected secrets, and what is told of a state file.

use crate::configuration;
use crate::connection::state_file;
use crate::context::Context;
use crate::failure;
use crate::wire::{
    ConfigurationReply, ErrorCategory, ErrorReply, PathRequest, SecretReply, StateFileReply, StateFileRequest,
};
use esgsync_run::{OpenOptions, State, owner};
use zeroize::Zeroize;

pub(crate) async fn read_configuration(_: Context, request: PathRequest) -> Result<ConfigurationReply, ErrorReply> {
    Ok(ConfigurationReply { configuration: configuration::read(&request.path)? })
}

pub(crate) async fn get_state_file(_: Context, request: StateFileRequest) -> Result<StateFileReply, ErrorReply> {
    let path = state_file(&request.state_folder, &request.name)?;
    let exists = path.exists();
    let tenant = match exists {
        true => State::look(&path, &OpenOptions::default()).and_then(|state| state.tenant()),
        false => Ok(None),
    }
    .map_err(|error| failure::state(&error))?;
    Ok(StateFileReply { path: path.display().to_string(), exists, owner: owner(&path), tenant })
}

/// The file that `ConvertFrom-SecureString` wrote: hexadecimal digits of a protected UTF-16 text.
pub(crate) async fn read_protected(context: Context, request: PathRequest) -> Result<SecretReply, ErrorReply> {
    let fail = |category, text: String, action: &str| {
        failure::new("ProtectedFileUnreadable", category, text, action).about(&request.path)
    };
    let Some(unprotect) = context.shared.unprotect else {
        let text = format!("{} cannot be read: DPAPI exists on Windows only.", request.path);
        let action =
            "Name another place of the secret: secret, environment or systemdCredential in place of dpapiFile.";
        return Err(fail(ErrorCategory::InvalidOperation, text, action));
    };
    let bytes = std::fs::read(&request.path).map_err(|error| {
        let text = format!("{} cannot be read: {error}.", request.path);
        fail(ErrorCategory::ReadError, text, "Check the path, and that this account may read the file.")
    })?;
    const MAKE: &str = "Make the file as the account that runs this, on this machine: Read-Host -AsSecureString | ConvertFrom-SecureString | Set-Content FILE.";
    let blob = digits(&bytes).ok_or_else(|| {
        let text = format!("{} is no file of ConvertFrom-SecureString.", request.path);
        fail(ErrorCategory::InvalidData, text, MAKE)
    })?;
    let plain = unprotect(&blob).map_err(|error| {
        let text = format!("{} cannot be opened by this account on this machine: {error}.", request.path);
        fail(ErrorCategory::PermissionDenied, text, MAKE)
    })?;
    Ok(SecretReply { units: plain.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect() })
}

/// The bytes of hexadecimal digits. What Windows PowerShell may write around them is skipped: byte order marks, the zeros of UTF-16, line ends.
fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .iter()
        .filter(|byte| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe) && !byte.is_ascii_whitespace())
        .map(|byte| char::from(*byte).to_digit(16))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    (!pairs.is_empty()).then(|| pairs.iter().map(|[high, low]| (high * 16 + low) as u8).collect())
}

impl Drop for SecretReply {
    fn drop(&mut self) {
        self.units.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use crate::wire::Method;
    use serde_json::{Value, json};
    use tokio_util::sync::CancellationToken;
    use zeroize::Zeroizing;

    fn call(engine: &Engine, method: Method, request: &Value) -> Result<Value, ErrorReply> {
        let request = serde_json::to_vec(request).unwrap();
        let reply = engine.call(method as u32, &request, &CancellationToken::new(), &mut |_, _| true)?;
        Ok(serde_json::from_slice(&reply).unwrap())
    }

    /// Stands for the system: what it protects begins with a 1.
    fn unprotect(blob: &[u8]) -> std::io::Result<Zeroizing<Vec<u8>>> {
        match blob {
            [1, plain @ ..] => Ok(Zeroizing::new(plain.to_vec())),
            _ => Err(std::io::Error::other("the key is not this account's")),
        }
    }

    #[test]
    fn a_file_of_convertfrom_securestring_is_read_in_every_encoding_that_powershell_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("esg.dpapi");
        let engine = Engine::open_with(Some(unprotect)).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            call(&engine, Method::ReadProtected, &json!({"path": path}))
        };
        let utf16: Vec<u8> = "\u{feff}0168003900\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [b"0168003900\r\n".as_slice(), b"\xef\xbb\xbf0168003900", &utf16] {
            assert_eq!(read(bytes).unwrap(), json!({"units": [0x68, 0x39]}), "{bytes:?}");
        }
        for (bytes, part) in [
            (b"secret".as_slice(), "is no file of ConvertFrom-SecureString"),
            (b"", "is no file of ConvertFrom-SecureString"),
            (b"016", "is no file of ConvertFrom-SecureString"),
            (b"0268", "the key is not this account's"),
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.code == "ProtectedFileUnreadable" && error.message.contains(part), "{error:?}");
        }
        let elsewhere = call(&Engine::open().unwrap(), Method::ReadProtected, &json!({"path": path})).unwrap_err();
        assert!(elsewhere.message.contains("on Windows only"), "{elsewhere:?}");
    }

    #[test]
    fn a_state_file_is_told_about_before_and_after_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open().unwrap();
        let look =
            || call(&engine, Method::GetStateFile, &json!({"stateFolder": folder.path(), "name": "corp"})).unwrap();
        let before = look();
        assert_eq!(before["exists"], json!(false));
        assert!(before["path"].as_str().unwrap().ends_with("corp.esg.db"));
        let identity = esgsync_run::Identity {
            name: "corp".into(),
            system: "esg".into(),
            host: "esg.corp.example:443".into(),
            simulator: false,
        };
        drop(State::open(&folder.path().join("corp.esg.db"), &identity, &OpenOptions::default()).unwrap());
        let after = look();
        assert_eq!((&after["exists"], &after["tenant"]), (&json!(true), &Value::Null));
        assert_eq!(after["owner"], before["owner"]);
        #[cfg(unix)]
        assert!(after["owner"].is_string());
    }
}
