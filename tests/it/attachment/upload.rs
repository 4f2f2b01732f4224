//! One file from 暂存 to download: resumed, repeated, damaged, of the wrong content, by strangers.
//! On both databases, with files in a folder; `s3` has the other kind of store.

use super::*;
use crate::support::both_databases;

#[tokio::test]
async fn a_file_comes_back_byte_for_byte_and_can_do_no_harm() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let before = version(&owner, &book).await;
        // Exactly one piece, one byte more, and several.
        for (size, salt) in [(PIECE, 1), (PIECE + 1, 2), (3 * PIECE + 77, 3), (1000, 4)] {
            let content = pdf(size, salt);
            let row = owner.attach(&book, "01", &format!("合同 第{salt}份.pdf"), &content).await;
            assert_eq!(row["content"]["status"], "9");
            assert_eq!(row["content"]["hash"], sha256(&content));
            assert_eq!(row["content"]["hash_method"], "sha256");
            assert_eq!(row["content"]["size"], size.to_string());
            assert_eq!(row["received"], size);
            let answer = download(&owner, &row).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.bytes == content, "{size} bytes came back changed");
            assert_eq!(text(&answer, header::CONTENT_LENGTH), size.to_string());
            assert_eq!(text(&answer, header::CONTENT_TYPE), "application/pdf");
            assert_eq!(text(&answer, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(text(&answer, header::CACHE_CONTROL), "no-store");
            assert!(text(&answer, header::CONTENT_SECURITY_POLICY).contains("sandbox"));
            let disposition = text(&answer, header::CONTENT_DISPOSITION);
            let name = format!("filename*=UTF-8''%E5%90%88%E5%90%8C%20%E7%AC%AC{salt}%E4%BB%BD.pdf");
            assert!(disposition.starts_with("attachment;") && disposition.ends_with(&name), "{disposition}");
        }
        assert_eq!(stored(&app).await.len(), 4, "pieces were left behind");
        // 暂存 and 上传 are both changes of the book: who declares must have seen them.
        assert_eq!(version(&owner, &book).await, before + 8);
        let numbers: Vec<_> = listed(&owner, &book).await.iter().map(|row| row["seq"].as_i64().unwrap()).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
        // Nobody can tell a file in the store from its enterprise, name or number.
        for name in stored(&app).await {
            let name = name.strip_prefix("files/").unwrap();
            assert!(name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'/') && name.len() == 35, "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_looked_at_cannot_run() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        for (name, content, mime) in [
            ("图.png", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>".to_vec(), "image/png"),
            ("图.jpg", b"\xff\xd8\xff\xe0<script>alert(1)</script>".to_vec(), "image/jpeg"),
            ("文.pdf", paper(b"<script>alert(1)</script>"), "application/pdf"),
        ] {
            let row = owner.attach(&book, "03", name, &content).await;
            let answer = get(&owner, &format!("/api/attachments/{}/preview", row["id"].as_str().unwrap())).await;
            assert_eq!(answer.bytes, content);
            assert_eq!(text(&answer, header::CONTENT_TYPE), mime);
            assert_eq!(text(&answer, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            let policy = text(&answer, header::CONTENT_SECURITY_POLICY);
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
            assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
            assert!(text(&answer, header::CONTENT_DISPOSITION).starts_with("inline;"));
        }
        // Everything else of ours still cannot be framed at all.
        let page = get(&owner, "/health/live").await;
        assert!(text(&page, header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
        assert_eq!(text(&page, header::X_FRAME_OPTIONS), "DENY");
    }
}

#[tokio::test]
async fn an_interrupted_upload_goes_on_where_it_stopped() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let content = pdf(2 * PIECE + 500, 7);
        let id = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&book, id, "合同.pdf", &content)).await;
        assert_eq!(owner.send_piece(id, 0, &content[..PIECE]).await.body["received"], PIECE);

        // The line breaks: a piece arrives short, or damaged on the way. Nothing of it is kept.
        let second = &content[PIECE..2 * PIECE];
        let path = format!("/api/attachments/{id}/pieces?start={PIECE}&hash={}", sha256(second));
        let mut damaged = second.to_vec();
        damaged[9] ^= 1;
        for body in [second[..1000].to_vec(), Vec::new(), damaged] {
            let answer = owner.send(owner.bare_request(Method::POST, &path, body)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        }
        // A piece that is here already, one that leaves a gap, one that makes no sense.
        for start in [0, 2 * PIECE, PIECE + 1] {
            let answer = owner.send_piece(id, start, &content[start.min(PIECE)..][..PIECE]).await;
            assert_eq!((answer.status, &answer.body["kind"]), (StatusCode::CONFLICT, &json!("conflict")), "{start}");
        }
        for bad in ["start=-1&hash=00", "start=99999999999999999999&hash=00", "start=0", ""] {
            let path = format!("/api/attachments/{id}/pieces?{bad}");
            let answer = owner.send(owner.bare_request(Method::POST, &path, second.to_vec())).await;
            assert!(answer.status.is_client_error(), "{bad}: {}", answer.status);
        }
        let message = refused(&owner, "attachment/finish", json!({ "id": id })).await;
        assert!(message.contains("尚未传完"), "{message}");

        // Another day, another browser: it asks how far the upload came and goes on.
        let later = app.another_process().signed_in("donglan").await;
        let row = call(&later, "attachment/get", json!({ "id": id })).await;
        assert_eq!((&row["received"], &row["content"]["status"]), (&json!(PIECE), &json!("8")));
        assert_eq!(stored(&app).await.len(), 1);
        for start in [PIECE, 2 * PIECE] {
            let end = (start + PIECE).min(content.len());
            assert_eq!(later.send_piece(id, start, &content[start..end]).await.status, StatusCode::OK);
        }
        let ended = call(&later, "attachment/finish", json!({ "id": id })).await;
        // The answer got lost: asked again, nothing changes.
        assert_eq!(call(&later, "attachment/finish", json!({ "id": id })).await, ended);
        assert!(download(&owner, &ended["row"]).await.bytes == content);
        assert_eq!(owner.send_piece(id, 0, &content[..PIECE]).await.status, StatusCode::CONFLICT);
        assert_eq!(stored(&app).await.len(), 1);
    }
}

#[tokio::test]
async fn two_windows_that_upload_the_same_end_with_one_file() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let content = pdf(5 * PIECE + 3, 9);
        let id = Uuid::now_v7();
        // The very same request twice makes one attachment.
        let (one, two) = tokio::join!(
            call(&owner, "attachment/save", claim(&book, id, "合同.pdf", &content)),
            call(&owner, "attachment/save", claim(&book, id, "合同.pdf", &content)),
        );
        assert_eq!(one["row"], two["row"]);
        let window = async || {
            loop {
                let row = call(&owner, "attachment/get", json!({ "id": id })).await;
                let start = usize::try_from(row["received"].as_i64().unwrap()).unwrap();
                if start == content.len() {
                    return call(&owner, "attachment/finish", json!({ "id": id })).await;
                }
                let answer = owner.send_piece(id, start, &content[start..(start + PIECE).min(content.len())]).await;
                assert!(matches!(answer.status, StatusCode::OK | StatusCode::CONFLICT), "{}", answer.body);
            }
        };
        let (one, two, three) = tokio::join!(window(), window(), window());
        assert_eq!(one["row"], two["row"]);
        assert_eq!(one["row"], three["row"]);
        assert!(download(&owner, &one["row"]).await.bytes == content);
        assert_eq!(listed(&owner, &book).await.len(), 1);
        assert_eq!(stored(&app).await.len(), 1, "a loser left its file behind");
    }
}

#[tokio::test]
async fn the_content_decides_whatever_the_name_says() {
    for db in both_databases().await {
        let app = TestApp::with(db, |config| config.attachment_types = vec!["pdf", "png"]).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        for (name, content, part) in [
            ("合同.pdf", b"PK\x03\x04 docx".as_slice(), "Office文档"),
            ("合同.pdf", b"<html><script>alert(1)</script>", "网页"),
            ("合同.pdf", b"MZ\x90\0\x03", "程序"),
            ("图.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "JPG文件"),
        ] {
            let id = Uuid::now_v7();
            let saved = call(&owner, "attachment/save", claim(&book, id, name, content)).await;
            assert_eq!(owner.send_piece(id, 0, content).await.status, StatusCode::OK);
            let message = refused(&owner, "attachment/finish", json!({ "id": id })).await;
            assert!(message.contains(part) && message.contains(name), "{message}");
            let row = call(&owner, "attachment/get", json!({ "id": id })).await;
            assert_eq!((&row["received"], &row["content"]["status"]), (&json!(0), &json!("8")));
            assert_eq!(download(&owner, &row).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            let base = &saved["row"]["version"];
            let delete = json!({ "request": { "document_id": book, "id": id, "base": base } });
            call(&owner, "attachment/delete", delete).await;
        }
        assert_eq!(stored(&app).await, [""; 0]);
        // Good content under a bad name is taken, under a name that says what it is.
        let row = owner.attach(&book, "01", "..\\..\\合同\u{202e}fdp.exe", &paper(b"x")).await;
        assert_eq!(row["content"]["file_name"], "合同fdp.exe.pdf");

        // The page promised another file than it sent, piece by piece correctly.
        let (promised, sent) = (pdf(PIECE + 9, 1), pdf(PIECE + 9, 2));
        let id = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&book, id, "二.pdf", &promised)).await;
        for start in [0, PIECE] {
            let end = (start + PIECE).min(sent.len());
            assert_eq!(owner.send_piece(id, start, &sent[start..end]).await.status, StatusCode::OK);
        }
        let message = refused(&owner, "attachment/finish", json!({ "id": id })).await;
        assert!(message.contains("不一致"), "{message}");
        assert_eq!(call(&owner, "attachment/get", json!({ "id": id })).await["received"], 0);
        assert_eq!(stored(&app).await.len(), 1);
    }
}

#[tokio::test]
async fn a_pdf_that_nobody_could_read_is_refused_with_what_to_do() {
    const LOCKED: &[u8] = include_bytes!("../../fixtures/papers/locked.pdf");
    let whole = paper(&[b'x'; 3000]);
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        for (content, part) in
            [(LOCKED, "取消密码"), (&whole[..whole.len() / 2], "不完整"), (b"%PDF-1.7 rubbish %%EOF", "已损坏")]
        {
            let id = Uuid::now_v7();
            call(&owner, "attachment/save", claim(&book, id, "合同.pdf", content)).await;
            assert_eq!(owner.send_piece(id, 0, content).await.status, StatusCode::OK);
            let message = refused(&owner, "attachment/finish", json!({ "id": id })).await;
            assert!(message.contains(part) && message.contains("合同.pdf"), "{message}");
            let row = call(&owner, "attachment/get", json!({ "id": id })).await;
            assert_eq!((&row["received"], &row["content"]["status"]), (&json!(0), &json!("8")));
        }
        assert_eq!(stored(&app).await, [""; 0], "nothing of them is kept");
        // What programs leave before the mark does no harm.
        let marked = [b"\xef\xbb\xbf\r\n".as_slice(), &paper(b"marked")].concat();
        assert_eq!(owner.attach(&book, "01", "带标记.pdf", &marked).await["content"]["status"], "9");
    }
}

#[tokio::test]
async fn hostile_names_and_claims_are_harmless() {
    for db in both_databases().await {
        let app = TestApp::with(db, |config| config.attachment_max_mb = 1).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        for (at, (name, want)) in [
            ("../../x", "x.pdf".to_owned()),
            ("a\u{0}\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf".to_owned()),
            ("CON", "_CON.pdf".to_owned()),
            ("\"; filename=\"evil.exe", "_; filename=_evil.exe.pdf".to_owned()),
            (&"长".repeat(300), format!("{}.pdf", "长".repeat(120))),
            ("", "附件.pdf".to_owned()),
        ]
        .into_iter()
        .enumerate()
        {
            let content = paper(at.to_string().as_bytes());
            let row = owner.attach(&book, "99", name, &content).await;
            assert_eq!(row["content"]["file_name"], want, "{name:?}");
            let answer = download(&owner, &row).await;
            let disposition = text(&answer, header::CONTENT_DISPOSITION);
            assert!(disposition.is_ascii() && disposition.matches('"').count() == 2, "{disposition}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
        let good = sha256(&paper(b""));
        for (size, hash, part) in [
            (0, good.as_str(), "空的"),
            (-5, &good, "空的"),
            (1_048_577, &good, "上限"),
            (8, "../../etc/passwd", "哈希值"),
            (8, "", "哈希值"),
        ] {
            let mut request = claim(&book, Uuid::now_v7(), "a.pdf", &paper(b""));
            request["request"]["file"] = json!({ "name": "a.pdf", "size": size, "hash": hash });
            let message = refused(&owner, "attachment/save", request).await;
            assert!(message.contains(part), "{size} {hash}: {message}");
        }
        // More than was promised is not even read.
        let id = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&book, id, "a.pdf", &pdf(PIECE, 5))).await;
        let answer = owner.send_piece(id, 0, &pdf(PIECE + 1, 5)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        // Grey fields a browser sends are the server's to fill.
        let mut request = claim(&book, Uuid::now_v7(), "b.pdf", &paper(b"b"));
        request["request"]["content"] =
            json!({ "att_type": "01", "status": "9", "owner_code": "1", "file_type": "exe" });
        let row = call(&owner, "attachment/save", request).await["row"].clone();
        assert_eq!(row["content"]["status"], "8");
        assert_eq!(row["content"]["owner_code"], OWNER);
        assert_eq!(row["content"].get("file_type"), None);
        // The same file again as the same paper.
        let message = refused(&owner, "attachment/save", claim(&book, Uuid::now_v7(), "c.pdf", &paper(b"b"))).await;
        assert!(message.contains("完全相同"), "{message}");
    }
}

#[tokio::test]
async fn a_strangers_file_cannot_be_had_by_guessing() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let row = owner.attach(&book, "01", "机密合同.pdf", &paper(b"secret price")).await;
        let waiting = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&book, waiting, "b.pdf", &paper(b"b"))).await;
        let id = row["id"].as_str().unwrap();
        let piece = format!("/api/attachments/{waiting}/pieces?start=0&hash={}", sha256(&paper(b"b")));
        let routes = [
            (Method::GET, format!("/api/attachments/{id}/file")),
            (Method::GET, format!("/api/attachments/{id}/preview")),
            (Method::HEAD, format!("/api/attachments/{id}/file")),
            (Method::POST, piece.clone()),
        ];
        let stranger = app.signed_in("haihe").await;
        let agent = app.signed_in("tonghe").await;
        for (method, path) in &routes {
            let request = |browser: &Browser| browser.bare_request(method.clone(), path, paper(b"b"));
            let signed_out = app.browser();
            let answer = signed_out.send(request(&signed_out)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            let answer = stranger.send(request(&stranger)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
            for secret in ["secret", "机密"] {
                assert!(!String::from_utf8_lossy(&answer.bytes).contains(secret));
            }
            // An agent may while its delegation lasts, and not a day longer.
            app.execute("UPDATE delegation SET valid_to = '2026-01-02'").await;
            assert_eq!(agent.send(request(&agent)).await.status, StatusCode::FORBIDDEN, "{method} {path}");
            app.execute("UPDATE delegation SET valid_to = '2099-12-31'").await;
        }
        // From another site, although by the owner's own browser.
        let mut foreign = owner.bare_request(Method::POST, &piece, paper(b"b"));
        foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(owner.send(foreign).await.status, StatusCode::FORBIDDEN);
        assert_eq!(call(&owner, "attachment/get", json!({ "id": waiting })).await["received"], 0);
        for unknown in [Uuid::now_v7().to_string(), "../../owner".into(), "%2e%2e%2fowner".into(), "x".into()] {
            let answer = get(&stranger, &format!("/api/attachments/{unknown}/file")).await;
            assert!(answer.status.is_client_error(), "{unknown}: {}", answer.status);
        }
        assert_eq!(agent.send(agent.bare_request(Method::GET, &routes[0].1, Vec::new())).await.status, StatusCode::OK);

        // Their attachment's id does not open a door to ours, nor ours to theirs.
        let other = call_head(&stranger).await;
        for (endpoint, mut request) in [
            ("attachment/save", claim(&other, id.parse().unwrap(), "x.pdf", &paper(b"x"))),
            ("attachment/delete", json!({ "request": { "document_id": other, "id": id, "base": row["version"] } })),
        ] {
            request["request"]["document_id"] = other.clone();
            let (status, body) = stranger.call(endpoint, request).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{endpoint}: {body}");
        }
        assert_eq!(listed(&owner, &book).await.len(), 2);
    }
}

/// A book of the stranger's own.
pub async fn call_head(stranger: &Browser) -> Value {
    let id = json!(Uuid::now_v7());
    let head = json!({ "operator_code": "3502166027", "processor_code": "4403160D52" });
    call(stranger, "document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .await;
    id
}

#[tokio::test]
async fn each_paper_is_of_the_kind_and_size_it_may_have() {
    // Customs takes pictures of goods, and of nothing else: the filing would come back.
    for db in both_databases().await {
        let app = TestApp::with(db, |config| config.picture_max_mb = 1).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let with = |att_type: &str, kind: &str, content: &[u8]| {
            let mut request = claim(&book, Uuid::now_v7(), "照片.png", content);
            request["request"]["content"]["att_type"] = json!(att_type);
            request["request"]["file"]["kind"] = json!(kind);
            request
        };
        // Said before anything is sent, as far as the page tells what it is.
        let (status, body) = owner.call("attachment/save", with("01", "png", &png)).await;
        assert_eq!(
            (status, &body["findings"][0]["pointer"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("attachments.att_type"))
        );
        png.resize(PIECE + 1, 7);
        assert!(refused(&owner, "attachment/save", with("03", "png", &png)).await.contains("PNG附件1 MB的上限"));
        // A page that tells nothing, or a lie, is believed until the file is there.
        let request = with("01", "pdf", &png[..PIECE]);
        let id = request["request"]["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        call(&owner, "attachment/save", request).await;
        assert_eq!(owner.send_piece(id, 0, &png[..PIECE]).await.status, StatusCode::OK);
        let message = refused(&owner, "attachment/finish", json!({ "id": id })).await;
        assert!(message.contains("PNG文件") && message.contains("出境加工合同只能上传PDF"), "{message}");
        // A picture that is there cannot be made a contract by changing its kind.
        let row = owner.attach(&book, "03", "照片.png", &png[..PIECE]).await;
        let content = json!({ "att_type": "02" });
        let edit = json!({ "document_id": book, "id": row["id"], "base": row["version"], "content": content });
        let (status, body) = owner.call("attachment/save", json!({ "request": edit })).await;
        assert_eq!(
            (status, &body["findings"][0]["rule"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("attachment.kind"))
        );
    }
}

#[tokio::test]
async fn a_paper_about_goods_that_are_not_there_keeps_the_filing_back() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let row = owner.attach(&book, "99", "说明.pdf", &paper(b"x")).await;
        let save = async |row: &Value, item: &str| {
            let content = json!({ "att_type": "99", "goods_seq": item });
            let edit = json!({ "document_id": book, "id": row["id"], "base": row["version"], "content": content });
            call(&owner, "attachment/save", json!({ "request": edit })).await["row"].clone()
        };
        let row = save(&row, "7").await;
        let step = async || json!({ "step": { "id": book, "base": version(&owner, &book).await } });
        let (status, body) = owner.call("document/declare", step().await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(body["findings"][0]["pointer"], "attachments[1].goods_seq", "{body}");
        save(&row, "1").await;
        call(&owner, "document/declare", step().await).await;
    }
}
