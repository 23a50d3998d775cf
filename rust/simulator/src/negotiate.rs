//! Which format a reply gets, and which body types are read (FW; esg 6, findings 4).

use crate::error::Problem;
use crate::framework::Framework;

/// The formats of the API, in the order in which the server prefers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Hal,
    Json,
    JsonLd,
}

const FORMATS: [Format; 3] = [Format::Hal, Format::Json, Format::JsonLd];

impl Format {
    /// The media type without parameters.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Hal => "application/hal+json",
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
        }
    }

    /// The suffix of a path that asks for this format.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Hal => "jsonhal",
            Self::Json => "json",
            Self::JsonLd => "jsonld",
        }
    }
}

/// The format for a path suffix and an `Accept` header.
///
/// # Errors
/// 404 for an unknown suffix, 406 when nothing fits, 500 for an empty header (a fault of the real framework).
pub(crate) fn reply_format(
    suffix: Option<&str>,
    accept: Option<&str>,
    framework: Framework,
) -> Result<Format, Problem> {
    let offered: Vec<Format> = match suffix {
        None => FORMATS.to_vec(),
        Some(suffix) => match FORMATS.iter().find(|format| format.suffix() == suffix) {
            Some(&format) => vec![format],
            None => {
                let detail = format!("Format \"{suffix}\" is not supported");
                return Err(Problem::new(404, detail));
            }
        },
    };
    let Some(accept) = accept else {
        return offered.first().copied().ok_or_else(|| Problem::new(406, "Not Acceptable"));
    };
    if accept.is_empty() && framework != Framework::V3_1 {
        return Err(Problem::internal());
    }
    let ranges: Vec<MediaRange> = accept.split(',').filter_map(MediaRange::parse).collect();
    // At equal quality the server's own order decides, so a later format has to be strictly better.
    let mut best: Option<(u16, Format)> = None;
    for &format in &offered {
        let quality = ranges
            .iter()
            .filter_map(|range| range.fit(format.media_type()))
            .max_by_key(|&(precision, _)| precision)
            .map_or(0, |(_, quality)| quality);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, format));
        }
    }
    best.map(|(_, format)| format).ok_or_else(|| {
        let supported: Vec<_> = offered.iter().map(|format| format.media_type()).collect();
        Problem::new(406, format!("Requested format \"{accept}\" is not supported. {}", supported_types(&supported)))
    })
}

/// Whether a body has a type that is not read; a missing one is no wrong one.
///
/// # Errors
/// 415 with what was sent.
pub(crate) fn wrong_type(method: &str, content_type: Option<&str>) -> Result<(), Problem> {
    let Some(content_type) = content_type.filter(|value| !value.is_empty()) else { return Ok(()) };
    match method {
        "PATCH" => patch_type(Some(content_type)),
        _ => body_type(Some(content_type), &FORMATS.map(Format::media_type)).map(|_| ()),
    }
}

/// Checks the type of a body that is to be merged into a user (PATCH).
pub(crate) fn patch_type(content_type: Option<&str>) -> Result<(), Problem> {
    body_type(content_type, &["application/merge-patch+json"]).map(|_| ())
}

/// Checks the type of a body that describes a user (POST, PUT).
pub(crate) fn document_type(content_type: Option<&str>) -> Result<(), Problem> {
    let media_type = body_type(content_type, &FORMATS.map(Format::media_type))?;
    if media_type == Format::Hal.media_type() {
        return Err(Problem::new(400, "jsonhal is a read-only format."));
    }
    Ok(())
}

fn body_type<'a>(content_type: Option<&'a str>, supported: &[&str]) -> Result<&'a str, Problem> {
    let Some(content_type) = content_type.filter(|value| !value.is_empty()) else {
        return Err(Problem::new(415, "The \"Content-Type\" header must exist."));
    };
    let media_type = content_type.split(';').next().unwrap_or(content_type).trim();
    // Unlike `Accept`, the type of a body is compared with its letter case.
    if supported.contains(&media_type) {
        return Ok(media_type);
    }
    Err(Problem::new(
        415,
        format!("The content-type \"{content_type}\" is not supported. {}", supported_types(supported)),
    ))
}

fn supported_types(types: &[&str]) -> String {
    format!("Supported MIME types are \"{}\".", types.join("\", \""))
}

/// One part of an `Accept` header.
pub(crate) struct MediaRange {
    /// Type and subtype in small letters.
    pub(crate) media_type: String,
    /// Thousandths.
    quality: u16,
    /// Whether it has a parameter beside `q`: none of the API's types has one, so it then fits nothing.
    parameters: bool,
}

impl MediaRange {
    /// `None` for what is no media type: the framework passes over it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media_type = parts.next()?.to_ascii_lowercase();
        media_type.split_once('/')?;
        let mut range = Self { media_type, quality: 1000, parameters: false };
        for part in parts {
            match part.strip_prefix("q=") {
                Some(quality) => range.quality = thousandths(quality)?,
                None => range.parameters = true,
            }
        }
        Some(range)
    }

    /// Quality of this part, as a key for ordering.
    pub(crate) fn quality(&self) -> u16 {
        self.quality
    }

    /// How precisely this part names `media_type`, and with which quality; `None` if it does not.
    fn fit(&self, media_type: &str) -> Option<(u8, u16)> {
        let precision = if self.media_type == media_type {
            2
        } else if self.media_type == "application/*" {
            1
        } else if self.media_type == "*/*" {
            0
        } else {
            return None;
        };
        (!self.parameters).then_some((precision, self.quality))
    }
}

fn thousandths(text: &str) -> Option<u16> {
    let value: f64 = text.parse().ok()?;
    // The range check makes the cast exact enough and lossless in sign.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (0.0..=1.0).contains(&value).then_some((value * 1000.0).round() as u16)
}
