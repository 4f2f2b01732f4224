//! Attachments and the life of their document: edited by two, declared, decided, copied, deleted.
//! On both databases; what failed here would be a paper lost or shown with another book.

use std::time::{Duration, SystemTime};

use super::*;
use crate::support::both_databases;
use chrono::{TimeDelta, Utc};
use opbook::account::model::Enterprise;
use opbook::account::rights::Role;
use opbook::account::session::Actor;
use opbook::attachment::service;
use opbook::exchange;
use opbook::server::call::Call;
use tokio_util::sync::CancellationToken;

const DEMANDED: [&str; 3] = ["contract", "process", "picture"];

#[tokio::test]
async fn nothing_is_declared_without_its_papers_and_customs_reads_them() {
    for db in both_databases().await {
        let app = TestApp::with(db, |config| config.required_attachments = DEMANDED.to_vec()).await;
        let owner = app.signed_in("donglan").await;
        let book = super::book(&owner).await;
        let step = async || json!({ "step": { "id": book, "base": version(&owner, &book).await } });
        let rules = async || {
            let (status, body) = owner.call("document/declare", step().await).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            let findings = body["findings"].as_array().unwrap().iter();
            findings.map(|found| found["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let lacks = |code: &str| format!("attachment.required.{code}");
        assert_eq!(rules().await, [lacks("01"), lacks("02"), lacks("03")]);

        owner.attach(&book, "01", "合同.pdf", &paper(b"contract")).await;
        owner.attach(&book, "02", "工艺.pdf", &paper(b"process")).await;
        // A sample is handed over at the counter: no file, and none can follow.
        let sample = json!({ "request": {
            "document_id": book, "id": Uuid::now_v7(), "base": 0, "content": { "att_type": "03", "sample": "1" },
        } });
        let sample = call(&owner, "attachment/save", sample).await["row"].clone();
        assert_eq!(sample["content"]["status"], "0");
        let answer = owner.send_piece(sample["id"].as_str().unwrap().parse().unwrap(), 0, b"%PDF-").await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        // What is chosen but not uploaded would reach customs as a name without a file.
        let waiting = Uuid::now_v7();
        let saved = call(&owner, "attachment/save", claim(&book, waiting, "三.pdf", &paper(b"3"))).await;
        assert_eq!(rules().await, ["attachment.waiting"]);
        let base = &saved["row"]["version"];
        call(&owner, "attachment/delete", json!({ "request": { "document_id": book, "id": waiting, "base": base } }))
            .await;

        // Whoever looked before the last paper came has not seen what would be declared.
        let seen = step().await;
        owner.attach(&book, "99", "其他.pdf", &paper(b"other")).await;
        let (status, body) = owner.call("document/declare", seen).await;
        assert_eq!((status, &body["kind"]), (StatusCode::CONFLICT, &json!("conflict")));
        call(&owner, "document/declare", step().await).await;

        let message: String =
            sqlx::query_scalar("SELECT body FROM outbox").fetch_one(&app.state.db.read).await.unwrap();
        assert_eq!(message.matches("<OpbPutrecAcmpFormDt>").count(), 4);
        let contract = format!(
            "<acmpFormSeqno>1</acmpFormSeqno><acmpFormTypecd>01</acmpFormTypecd><acmpFormFileNm>合同.pdf</acmpFormFileNm>\
             <FileSize>{}</FileSize><FileType>pdf</FileType><acmpFormStucd>9</acmpFormStucd>\
             <FileHashMethod>sha256</FileHashMethod><FileHash>{}</FileHash>",
            paper(b"contract").len(),
            sha256(&paper(b"contract"))
        );
        assert!(message.contains(&contract), "{message}");

        let stop = CancellationToken::new();
        let worker = exchange::start(app.state.clone(), stop.clone());
        let status = loop {
            let book = call(&owner, "document/get", json!({ "id": book })).await;
            let status = book["meta"]["status"].as_str().unwrap().to_owned();
            if !["declared", "sent", "entered"].contains(&status.as_str()) {
                break status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        stop.cancel();
        worker.await.unwrap();
        assert_eq!(status, "approved");

        // What customs decided on stays as it was; it can still be read.
        let row = &listed(&owner, &book).await[0];
        let base = &row["version"];
        let delete = json!({ "request": { "document_id": book, "id": row["id"], "base": base } });
        assert!(refused(&owner, "attachment/delete", delete).await.contains("终审通过"));
        let late = claim(&book, Uuid::now_v7(), "晚.pdf", &paper(b"late"));
        assert!(refused(&owner, "attachment/save", late).await.contains("终审通过"));
        assert_eq!(download(&owner, row).await.status, StatusCode::OK);
        assert_eq!(listed(&owner, &book).await.len(), 4);
    }
}

#[tokio::test]
async fn nobody_overwrites_or_deletes_what_somebody_else_just_wrote() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, agent) = (app.signed_in("donglan").await, app.signed_in("tonghe").await);
        let book = super::book(&owner).await;
        let row = owner.attach(&book, "01", "合同.pdf", &paper(b"x")).await;
        let edit = |base: &Value, remark: &str| {
            json!({ "request": {
                "document_id": book, "id": row["id"], "base": base, "content": { "att_type": "01", "remark": remark },
            } })
        };
        let first = call(&agent, "attachment/save", edit(&row["version"], "甲")).await;
        // The very same once more is no conflict; the answer may have got lost.
        assert_eq!(call(&agent, "attachment/save", edit(&row["version"], "甲")).await["row"], first["row"]);
        let (status, body) = owner.call("attachment/save", edit(&row["version"], "乙")).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let want = json!([{ "pointer": "attachments[1].remark", "mine": "乙", "theirs": "甲" }]);
        assert_eq!(body["differences"], want);
        let delete = |base: &Value| json!({ "request": { "document_id": book, "id": row["id"], "base": base } });
        assert_eq!(owner.call("attachment/delete", delete(&row["version"])).await.0, StatusCode::CONFLICT);
        // The file of a stored attachment cannot be changed under it.
        let mut other = edit(&first["row"]["version"], "甲");
        other["request"]["file"] = json!({ "name": "x.pdf", "size": 3, "hash": sha256(b"other") });
        assert!(refused(&owner, "attachment/save", other).await.contains("不能更换"));
        assert_eq!(stored(&app).await.len(), 1);
        call(&owner, "attachment/delete", delete(&first["row"]["version"])).await;
        call(&owner, "attachment/delete", delete(&first["row"]["version"])).await;
        assert_eq!(download(&owner, &row).await.status, StatusCode::NOT_FOUND);
        assert_eq!(stored(&app).await, [""; 0]);
        assert!(refused(&owner, "attachment/save", edit(&row["version"], "丙")).await.contains("已被他人删除"));
        // Without a head there is nothing to attach to.
        let nowhere = claim(&json!(Uuid::now_v7()), Uuid::now_v7(), "a.pdf", &paper(b""));
        assert!(refused(&owner, "attachment/save", nowhere).await.contains("请先暂存表头"));
    }
}

#[tokio::test]
async fn a_deleted_book_takes_its_files_along_and_leaves_a_trace() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (book, other) = (super::book(&owner).await, super::book(&owner).await);
        let kept = owner.attach(&other, "01", "留.pdf", &paper(b"kept")).await;
        owner.attach(&book, "01", "合同.pdf", &pdf(PIECE + 1, 1)).await;
        let id = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&book, id, "半.pdf", &pdf(2 * PIECE, 2))).await;
        owner.send_piece(id, 0, &pdf(2 * PIECE, 2)[..PIECE]).await;
        assert_eq!(stored(&app).await.len(), 3);
        let stale = json!({ "step": { "id": book, "base": version(&owner, &book).await - 1 } });
        assert_eq!(owner.call("document/delete", stale).await.0, StatusCode::CONFLICT);
        assert_eq!(stored(&app).await.len(), 3, "a refused deletion cost a file");
        let step = json!({ "step": { "id": book, "base": version(&owner, &book).await } });
        call(&owner, "document/delete", step).await;
        assert_eq!(stored(&app).await.len(), 1);
        assert_eq!(owner.send_piece(id, PIECE, b"x").await.status, StatusCode::NOT_FOUND);
        assert!(download(&owner, &kept).await.bytes == paper(b"kept"));
        let trace: String = sqlx::query_scalar("SELECT detail FROM audit WHERE action = 'delete'")
            .fetch_one(&app.state.db.read)
            .await
            .unwrap();
        assert!(trace.contains("合同.pdf") && trace.contains(&sha256(&pdf(PIECE + 1, 1))), "{trace}");
    }
}

#[tokio::test]
async fn a_copy_has_files_of_its_own() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (from, to) = (super::book(&owner).await, super::book(&owner).await);
        let content = pdf(PIECE + 5, 3);
        owner.attach(&from, "01", "合同.pdf", &content).await;
        call(&owner, "attachment/save", claim(&from, Uuid::now_v7(), "未传.pdf", &paper(b"w"))).await;
        let enterprise = Enterprise { code: OWNER.into(), ..Enterprise::default() };
        let actor = Actor::new("x".into(), "zhang".into(), "x".into(), enterprise, &[Role::Declarant], Vec::new());
        let caller = Call { state: app.state.clone(), actor };
        let id = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
        // As old as last year's papers are.
        let year = SystemTime::now() - Duration::from_hours(24 * 365);
        let store = app.state.config.data.join("attachments");
        for name in stored(&app).await {
            std::fs::File::options().write(true).open(store.join(name)).unwrap().set_modified(year).unwrap();
        }
        let (before, copied_after) = (version(&owner, &to).await, app.state.clock.stamp());
        assert_eq!(service::copy(&caller, id(&from), id(&to)).await.unwrap(), 1);
        assert_eq!(version(&owner, &to).await, before + 1);
        let rows = listed(&owner, &to).await;
        assert_eq!((rows.len(), &rows[0]["content"]["file_name"]), (1, &json!("合同.pdf")));
        // A copy as old as its source could be swept before a line names it.
        let ages = app.state.storage.store().unwrap().list(Some(&"files".into()));
        let ages: Vec<_> = ages.map_ok(|file| Utc::now() - file.last_modified).try_collect().await.unwrap();
        assert!(ages.iter().min().unwrap() < &TimeDelta::hours(1), "{ages:?}");
        let at = rows[0]["content"]["uploaded_at"].as_str().unwrap();
        assert!(at > copied_after.as_str(), "the copy was uploaded now, not when its source was: {at}");
        // The first book goes; the second keeps its paper.
        let step = json!({ "step": { "id": from, "base": version(&owner, &from).await } });
        call(&owner, "document/delete", step).await;
        assert!(download(&owner, &rows[0]).await.bytes == content);
        let stranger = Enterprise { code: "3502166027".into(), ..Enterprise::default() };
        let actor = Actor::new("y".into(), "wang".into(), "y".into(), stranger, &[Role::Declarant], Vec::new());
        let thief = Call { actor, ..caller };
        let mine = super::upload::call_head(&app.signed_in("haihe").await).await;
        assert!(service::copy(&thief, id(&to), id(&mine)).await.is_err());
        assert_eq!(stored(&app).await.len(), 1);
    }
}

#[tokio::test]
async fn the_list_goes_out_as_a_workbook_that_computes_nothing() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, stranger) = (app.signed_in("donglan").await, app.signed_in("haihe").await);
        let book = super::book(&owner).await;
        owner.attach(&book, "01", "=HYPERLINK(\"evil\").pdf", &paper(b"contract")).await;
        call(&owner, "attachment/save", claim(&book, Uuid::now_v7(), "未传.pdf", &paper(b"w"))).await;
        let id = book.as_str().unwrap();
        let address = format!("/api/attachments/export?document={id}&columns=seq,att_type,file_name,size,status,hash");
        let answer = get(&owner, &address).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let disposition = text(&answer, header::CONTENT_DISPOSITION);
        assert!(disposition.starts_with("attachment;") && disposition.contains(".xlsx"), "{disposition}");
        let sheet = opbook::sheet::open(&answer.bytes, &[]).unwrap().sheets.remove(0);
        let shown = |row: usize| sheet.rows[row].cells.iter().map(opbook::sheet::Cell::shown).collect::<Vec<_>>();
        assert_eq!(shown(0), ["随附单证序号", "随附单证类型", "文件名称", "附件大小（字节）", "状态", "哈希值"]);
        let hash = sha256(&paper(b"contract"));
        let [whole, waiting] = [b"contract".as_slice(), b"w"].map(|inside| paper(inside).len().to_string());
        assert_eq!(shown(1), ["1", "出境加工合同", "'=HYPERLINK(_evil_).pdf", &whole, "已上传", &hash]);
        assert_eq!(shown(2)[2..5], ["未传.pdf", &waiting, "待上传"]);
        assert_eq!(sheet.formulas, 0);
        assert_eq!(get(&stranger, &address).await.status, StatusCode::FORBIDDEN);
        assert_eq!(get(&app.browser(), &address).await.status, StatusCode::UNAUTHORIZED);
    }
}
