//! Seals texts under a key of one user (WebCrypto: HKDF, AES-GCM with 256 bits), so that neither the next user of a computer
//! nor who searches its disk reads them. The key can be used by this browser and never be read out, not by this program either.

use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

/// Bound into every seal: another form of what is sealed is another number.
const FORM: &str = "opbook journal 1";
/// Bytes of a nonce, as AES-GCM wants them. Random ones: a key seals far less than the 2³² texts for which that is safe.
const NONCE: usize = 12;

/// The key of one user.
#[derive(Clone)]
pub struct Seal(CryptoKey);

fn object(pairs: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (key, value) in pairs {
        Reflect::set(&object, &(*key).into(), value)?;
    }
    Ok(object)
}

fn words(words: &[&str]) -> JsValue {
    words.iter().map(|word| JsValue::from_str(word)).collect::<Array>().into()
}

fn bytes(text: &str) -> Uint8Array {
    Uint8Array::from(text.as_bytes())
}

fn crypto() -> Result<(Crypto, SubtleCrypto), JsValue> {
    let crypto = window().crypto()?;
    // Absent on a page that came without TLS.
    let subtle: SubtleCrypto = Reflect::get(&crypto, &"subtle".into())?.dyn_into()?;
    Ok((crypto, subtle))
}

impl Seal {
    /// The key that follows from a user's secret (hexadecimal): always the same.
    ///
    /// # Errors
    /// When this page may not encrypt: it came without TLS.
    pub async fn of_secret(secret: &str, login: &str) -> Result<Self, JsValue> {
        let (_, subtle) = crypto()?;
        let pairs = (0..secret.len() / 2).filter_map(|at| secret.get(2 * at..2 * at + 2));
        let raw: Vec<u8> = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
        if raw.len() < 32 {
            return Err(JsValue::from_str("no secret"));
        }
        let raw = Uint8Array::from(raw.as_slice());
        let importing = subtle.import_key_with_str("raw", &raw, "HKDF", false, &words(&["deriveKey"]))?;
        let secret: CryptoKey = JsFuture::from(importing).await?.dyn_into()?;
        let way = object(&[
            ("name", "HKDF".into()),
            ("hash", "SHA-256".into()),
            ("salt", bytes(login).into()),
            ("info", bytes(FORM).into()),
        ])?;
        let kind = object(&[("name", "AES-GCM".into()), ("length", 256.into())])?;
        let uses = words(&["encrypt", "decrypt"]);
        let deriving = subtle.derive_key_with_object_and_object(&way, &secret, &kind, false, &uses)?;
        Ok(Self(JsFuture::from(deriving).await?.dyn_into()?))
    }

    /// A key that the browser kept.
    pub fn of_key(key: JsValue) -> Option<Self> {
        key.dyn_into().ok().map(Self)
    }

    /// The key, for the browser to keep.
    pub fn key(&self) -> JsValue {
        self.0.clone().into()
    }

    /// Seals a text under its name: under another name it cannot be opened.
    ///
    /// # Errors
    /// When the browser fails to encrypt.
    pub async fn close(&self, name: &str, text: &str) -> Result<JsValue, JsValue> {
        let (crypto, subtle) = crypto()?;
        let mut nonce = [0; NONCE];
        crypto.get_random_values_with_u8_array(&mut nonce)?;
        let nonce = Uint8Array::from(nonce.as_slice());
        let way = way(&nonce, name)?;
        let sealing = subtle.encrypt_with_object_and_buffer_source(&way, &self.0, &bytes(text))?;
        Ok(object(&[("nonce", nonce.into()), ("data", JsFuture::from(sealing).await?)])?.into())
    }

    /// The text; nothing when it was sealed under another key or name, or is damaged.
    pub async fn open(&self, name: &str, sealed: &JsValue) -> Option<String> {
        let (_, subtle) = crypto().ok()?;
        let part = |key: &str| Reflect::get(sealed, &key.into()).ok();
        let nonce: Uint8Array = part("nonce")?.dyn_into().ok()?;
        let data: Object = part("data")?.dyn_into().ok()?;
        let opening = subtle.decrypt_with_object_and_buffer_source(&way(&nonce, name).ok()?, &self.0, &data).ok()?;
        let plain = Uint8Array::new(&JsFuture::from(opening).await.ok()?);
        String::from_utf8(plain.to_vec()).ok()
    }
}

impl Seal {
    /// As [`Self::close`], as bytes of a file: the nonce, then the rest.
    ///
    /// # Errors
    /// When the browser fails to encrypt.
    pub async fn close_bytes(&self, name: &str, text: &str) -> Result<Vec<u8>, JsValue> {
        let sealed = self.close(name, text).await?;
        let bytes = |key: &str| Reflect::get(&sealed, &key.into()).map(|part| Uint8Array::new(&part).to_vec());
        Ok([bytes("nonce")?, bytes("data")?].concat())
    }

    /// The text of what [`Self::close_bytes`] gave.
    pub async fn open_bytes(&self, name: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, data) = sealed.split_at_checked(NONCE)?;
        let part = |bytes: &[u8]| Uint8Array::from(bytes).into();
        let sealed = object(&[("nonce", part(nonce)), ("data", part(data))]).ok()?;
        self.open(name, &sealed).await
    }
}

fn way(nonce: &Uint8Array, name: &str) -> Result<Object, JsValue> {
    let bound = bytes(&format!("{FORM} {name}"));
    object(&[("name", "AES-GCM".into()), ("iv", nonce.into()), ("additionalData", bound.into())])
}
