//! 系统提醒 on both databases: each day of the settings is reminded of once, whoever of several processes writes it and whoever
//! of them dies; the mail goes out once to those who may read it. If these fail, a book runs out unnoticed, or people get the
//! same mail every ten minutes until they read none any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Days, TimeDelta, Timelike as _};
use opbook::document::service;
use opbook::form::in_china;
use opbook::job::store::lease;
use opbook::job::worker::{found, step};
use opbook::remind::model::{Mailed, Reminder};
use opbook::remind::service::list;
use opbook::server::call::Call;
use opbook::server::config::Config;
use opbook::server::db::{Db, stamp};
use opbook::server::jobs::SHORT;
use opbook::server::state::AppState;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::desk::{OTHER, OWN, call, complete_filing, decide, declare, new_filing, state};
use crate::entry::{book, office, settle};
use crate::support::both_databases;

/// What arrived: the recipient, and the whole mail.
type Arrived = Arc<Mutex<Vec<(String, String)>>>;

/// A server for mail: hangs up on the first visitor, has no room for the second, then takes everything.
async fn mail_server() -> (String, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("smtp://{}", listener.local_addr().unwrap());
    let arrived: Arrived = Arc::default();
    let (kept, visitors) = (arrived.clone(), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (kept, visitor) = (kept.clone(), visitors.fetch_add(1, Ordering::Relaxed));
            if visitor == 0 {
                continue;
            }
            tokio::spawn(async move {
                let (reader, mut writer) = stream.into_split();
                let mut lines = BufReader::new(reader).lines();
                writer.write_all(b"220 test\r\n").await.unwrap();
                let (mut to, mut mail, mut is_data) = (String::new(), String::new(), false);
                while let Ok(Some(line)) = lines.next_line().await {
                    if is_data {
                        if line == "." {
                            is_data = false;
                            kept.lock().await.push((to.clone(), mail.clone()));
                            writer.write_all(b"250 taken\r\n").await.unwrap();
                        } else {
                            mail.push_str(&line);
                            mail.push('\n');
                        }
                        continue;
                    }
                    let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                        "RCPT" if visitor == 1 => b"452 no room\r\n",
                        "RCPT" => {
                            to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                            b"250 ok\r\n"
                        }
                        "DATA" => {
                            is_data = true;
                            b"354 go on\r\n"
                        }
                        "QUIT" => b"221 bye\r\n",
                        _ => b"250 ok\r\n",
                    };
                    writer.write_all(answer).await.unwrap();
                }
            });
        }
    });
    (address, arrived)
}

/// Another process on the same database.
fn process(state: &AppState, smtp: Option<&str>) -> AppState {
    let config = Config {
        smtp: smtp.map(str::to_owned),
        mail_from: "opbook@example.com".into(),
        data: crate::support::fresh_folder(),
        ..(*state.config).clone()
    };
    AppState::new(state.db.clone(), config, state.reference.clone())
}

/// Three processes carry out what is due, all at once, until nothing is.
async fn work(processes: &[AppState; 3]) {
    for state in processes {
        found(state, SHORT).await.unwrap();
    }
    let [one, two, three] = processes;
    let until_idle = async |state: &AppState| while step(state, SHORT).await.unwrap() {};
    tokio::join!(until_idle(one), until_idle(two), until_idle(three));
}

async fn reminders(call: &Call) -> Vec<Reminder> {
    list(call).await.unwrap()
}

async fn user(db: &Db, id: &str, enterprise: &str, email: &str) {
    let mut tx = db.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO app_user (id, login, name, password_hash, enterprise_code, email, created_at) \
         VALUES ($1, $1, $1, '', $2, $3, '')",
    )
    .bind(id)
    .bind(enterprise)
    .bind(email)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// On to ten in the morning, in China. Where days are counted, the minutes a test lets pass before midnight would make one more.
fn to_morning(state: &AppState) {
    state.clock.advance(TimeDelta::hours(34 - i64::from(in_china(state.clock.now()).hour())));
}

/// A process that takes whatever is due and dies over it.
async fn dies_at_work(state: &AppState) -> usize {
    let now = state.clock.now();
    let (mut tx, mut taken) = (state.db.begin().await.unwrap(), 0);
    let kinds: Vec<&str> = SHORT.runners.iter().map(|runner| runner.kind()).collect();
    while lease(&state.db, &mut tx, &kinds, &stamp(now), &stamp(now + TimeDelta::seconds(60))).await.unwrap().is_some()
    {
        taken += 1;
    }
    tx.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn each_day_is_reminded_of_once_although_a_process_dies() {
    for db in both_databases().await {
        let state = state(db).await;
        to_morning(&state);
        let own = call(&state, "zhang", OWN);
        let (id, number) = book(&own).await;
        let ends: chrono::NaiveDate =
            service::get(&own, id).await.unwrap().head.get("valid_to").unwrap().parse().unwrap();
        let processes = [process(&state, None), process(&state, None), process(&state, None)];
        work(&processes).await;
        assert_eq!(reminders(&own).await, []);
        let mut told = Vec::new();
        // 30 and 7 days before the end, on it, 15 days after it; 7 days before the write-off is due, and on that day.
        for (at, words) in
            [(-30, "还有30天"), (-7, "还有7天"), (0, "今天到期"), (15, "已过15天"), (23, "还有7天"), (30, "（今天）")]
        {
            let day = if at < 0 { ends - Days::new(-at as u64) } else { ends + Days::new(at as u64) };
            // The day before brings nothing new.
            state.clock.advance(day - state.clock.today() - TimeDelta::days(1));
            work(&processes).await;
            assert_eq!(reminders(&own).await.len(), told.len(), "{at}");
            state.clock.advance(TimeDelta::days(1));
            assert!(dies_at_work(&state).await > 0, "{at}");
            work(&processes).await;
            assert_eq!(reminders(&own).await.len(), told.len(), "the dead one has the job for a while");
            for _ in 0..3 {
                state.clock.advance(TimeDelta::minutes(11));
                work(&processes).await;
            }
            told.push(words);
            let now = reminders(&own).await;
            let texts: Vec<&str> = now.iter().map(|one| one.told.zh.as_str()).collect();
            assert_eq!(texts.len(), told.len(), "{texts:?}");
            assert!(texts[0].contains(words), "{texts:?}");
            assert_eq!((now[0].name.as_str(), now[0].document, now[0].mailed), (number.as_str(), id, Mailed::Nobody));
        }
        assert!(reminders(&call(&state, "wang", OTHER)).await.is_empty());
        state.clock.advance(TimeDelta::days(91));
        work(&processes).await;
        assert_eq!(reminders(&own).await, [], "old ones are shown no more, and nothing is reminded of twice");
    }
}

#[tokio::test]
async fn what_was_sent_back_and_what_was_left_is_reminded_of_once_each_time() {
    for db in both_databases().await {
        let state = state(db).await;
        to_morning(&state);
        let own = call(&state, "zhang", OWN);
        let processes = [process(&state, None), process(&state, None), process(&state, None)];
        let (id, _) = complete_filing(&own).await;
        let (left, _) = new_filing(&own).await;
        for round in 1..=2 {
            declare(&own, id).await.unwrap();
            decide(&state, id, "3", &[]).await;
            for _ in 0..2 {
                work(&processes).await;
                state.clock.advance(TimeDelta::minutes(11));
            }
            let now = reminders(&own).await;
            assert_eq!(now.len(), round, "{now:?}");
            assert!(now.iter().all(|one| one.document == id && one.told.zh.starts_with("海关退单")), "{now:?}");
        }
        state.clock.advance(TimeDelta::days(14));
        for _ in 0..2 {
            work(&processes).await;
            state.clock.advance(TimeDelta::days(1));
        }
        let now = reminders(&own).await;
        assert_eq!(now.len(), 3, "{now:?}");
        assert!(now[0].document == left && now[0].told.zh.starts_with("已14天未改动"), "{now:?}");
        // An urging with a day of its own comes before the validity ends.
        let (_, number) = book(&own).await;
        let due = state.clock.today() + Days::new(5);
        office(&state).urge(&number, due, "请报核", state.clock.now()).await.unwrap();
        settle(&state).await;
        work(&processes).await;
        state.clock.advance(TimeDelta::minutes(11));
        work(&processes).await;
        let now = reminders(&own).await;
        assert!(now[0].name == number && now[0].told.zh.contains(&format!("请在{due}前报核")), "{now:?}");
    }
}

#[tokio::test]
async fn the_mail_goes_once_to_those_who_may_read_it() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        for (id, enterprise, email) in [
            ("zhang", OWN, "zhang@example.com"),
            ("silent", OWN, ""),
            ("agent", OTHER, "agent@example.com"),
            ("gone", OWN, "gone@example.com"),
        ] {
            user(&state.db, id, enterprise, email).await;
        }
        let mut tx = state.db.begin().await.unwrap();
        sqlx::query("UPDATE app_user SET disabled = 1 WHERE id = 'gone'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let (id, _) = complete_filing(&own).await;
        declare(&own, id).await.unwrap();
        decide(&state, id, "3", &[]).await;
        let (smtp, arrived) = mail_server().await;
        let processes = [process(&state, Some(&smtp)), process(&state, Some(&smtp)), process(&state, Some(&smtp))];
        // A second matter of the same hour: one mail for both.
        let (second, _) = complete_filing(&own).await;
        declare(&own, second).await.unwrap();
        decide(&state, second, "3", &[]).await;
        for (tries, mailed) in [(0, Mailed::Waiting), (1, Mailed::Waiting), (2, Mailed::Waiting), (3, Mailed::Sent)] {
            work(&processes).await;
            let now = reminders(&own).await;
            assert_eq!(now.len(), 2);
            assert!(now.iter().all(|one| one.mailed == mailed), "try {tries}: {now:?}");
            assert_eq!(now[0].mail_told.is_empty(), tries == 0, "{now:?}");
            state.clock.advance(TimeDelta::minutes(11));
        }
        work(&processes).await;
        let mails = arrived.lock().await.clone();
        let [(to, mail)] = mails.as_slice() else { panic!("{mails:?}") };
        assert_eq!(to, "zhang@example.com");
        assert!(mail.contains("From: opbook@example.com") && mail.contains("Message-ID: <reminder.mail."), "{mail}");

        // The agent is written to as long as it acts for the enterprise, and not after that.
        let today = state.clock.today();
        let mut tx = state.db.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO delegation (id, agent_code, principal_code, valid_from, valid_to, scope, offered_at, offered_by, \
             accepted_at) VALUES ('d', $1, $2, $3, $4, 'query', 'x', 'x', 'x')",
        )
        .bind(OTHER)
        .bind(OWN)
        .bind(today.to_string())
        .bind(today.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        declare(&own, id).await.unwrap();
        decide(&state, id, "3", &[]).await;
        for _ in 0..2 {
            state.clock.advance(TimeDelta::minutes(11));
            work(&processes).await;
        }
        declare(&own, id).await.unwrap();
        decide(&state, id, "3", &[]).await;
        state.clock.advance(TimeDelta::minutes(11));
        // Written while it may read, and due when it may not any more.
        work(&processes).await;
        state.clock.advance(TimeDelta::days(1));
        work(&processes).await;
        let now = reminders(&own).await;
        assert!(now[0].mailed == Mailed::Failed && now[0].mail_told.contains("已不能查看"), "{now:?}");
        let mut to: Vec<String> = arrived.lock().await.iter().map(|(to, _)| to.clone()).collect();
        to.sort();
        assert_eq!(to, ["agent@example.com", "zhang@example.com", "zhang@example.com", "zhang@example.com"]);
    }
}
