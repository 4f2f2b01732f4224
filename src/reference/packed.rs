//! A wire text compressed for the browser, once per version, when it is first asked for. `service` keeps it with
//! the table, `routes` sends it. Knows nothing of what the text says.

use std::io::Write;
use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::OnceCell;

use super::TableData;
use crate::server::failure::Failure;

/// How a body is packed, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Brotli,
    Gzip,
    Plain,
}

impl Packing {
    /// The best one a browser takes, by its `Accept-Encoding`. Over plain http browsers offer no brotli.
    pub fn accepted(header: &str) -> Self {
        let takes = |wanted: &str| {
            header.split(',').any(|offer| {
                let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
                let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.bytes().all(|b| b"0.".contains(&b)));
                name.trim().eq_ignore_ascii_case(wanted) && !refused
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }

    /// Value of `Content-Encoding`.
    pub const fn encoding(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

/// One version of a table, ready to be sent.
#[derive(Debug)]
pub struct Packed {
    data: Arc<TableData>,
    brotli: OnceCell<Bytes>,
    gzip: OnceCell<Bytes>,
}

impl Packed {
    pub fn new(data: Arc<TableData>) -> Self {
        Self { data, brotli: OnceCell::new(), gzip: OnceCell::new() }
    }

    pub fn version(&self) -> &str {
        &self.data.version
    }

    /// The body in a packing.
    pub async fn body(&self, packing: Packing) -> Result<Bytes, Failure> {
        match packing {
            Packing::Brotli => self.brotli.get_or_try_init(|| self.pack(brotli)).await.cloned(),
            Packing::Gzip => self.gzip.get_or_try_init(|| self.pack(gzip)).await.cloned(),
            Packing::Plain => Ok(Bytes::copy_from_slice(self.data.text().as_bytes())),
        }
    }

    // Takes a tenth of a second for the full tariff: not on a thread that answers requests.
    async fn pack(&self, how: fn(&[u8]) -> std::io::Result<Vec<u8>>) -> Result<Bytes, Failure> {
        let data = Arc::clone(&self.data);
        let packed = tokio::task::spawn_blocking(move || how(data.text().as_bytes())).await;
        match packed {
            Ok(Ok(packed)) => Ok(packed.into()),
            Ok(Err(error)) => Err(Failure::Internal(format!("packing a code table: {error}"))),
            Err(error) => Err(Failure::Internal(format!("packing a code table: {error}"))),
        }
    }
}

// Quality 9: 10 and 11 are ten times slower for a few per cent.
fn brotli(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, 9, 22);
    writer.write_all(text)?;
    writer.flush()?;
    Ok(writer.into_inner())
}

fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(text)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_browser_gets_only_what_it_can_unpack() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Packing::Brotli),
            ("gzip, deflate", Packing::Gzip),
            ("br;q=0, gzip;q=0.5", Packing::Gzip),
            ("br; q=0.0,GZIP", Packing::Gzip),
            ("br;q=0.1", Packing::Brotli),
            ("identity", Packing::Plain),
            ("", Packing::Plain),
        ] {
            assert_eq!(Packing::accepted(header), expected, "{header}");
        }
    }

    #[tokio::test]
    async fn what_is_unpacked_is_the_table() {
        let text = "001\t台\n".repeat(1000);
        let packed = Packed::new(Arc::new(TableData::new("v".to_owned(), text.clone())));
        assert_eq!(packed.body(Packing::Plain).await.unwrap(), text.as_bytes());
        let mut unpacked = String::new();
        let body = packed.body(Packing::Brotli).await.unwrap();
        brotli::Decompressor::new(&body[..], 4096).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        let body = packed.body(Packing::Gzip).await.unwrap();
        flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }
}
