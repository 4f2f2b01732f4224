//! Two people at one document, on and off the line, with saves that wait and come twice: whatever the order, a text is only ever
//! overwritten by somebody who had seen it, and every overwritten text is in the audit trail. `OPBOOK_TEST_HISTORIES` sets how
//! many histories are played per database (40 unless told).

use std::collections::{BTreeMap, HashSet};

use opbook::document::{Document, PutRow, SaveHead, SaveRows, service};
use opbook::filing::model::EXPORTS;
use opbook::form::{Difference, Filled};
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use rand::RngExt as _;
use uuid::Uuid;

use crate::desk::{KIND, OWN, add, at, call, export, filled, head, new_filing, rows, state};
use crate::support::both_databases;

/// What can be typed in: fields of the head and of each row.
const HEAD_FIELDS: [&str; 3] = ["remark", "contract_no", "contact_name"];
const ROW_FIELDS: [&str; 2] = ["spec_model", "goods_name"];

/// The head, or one row.
type Place = Option<Uuid>;

/// A save that may wait.
#[derive(Clone)]
struct Save {
    op: i64,
    place: Place,
    base: i64,
    content: Filled,
    was: Filled,
}

/// One of the two, and what their screen shows.
struct Client {
    call: Call,
    name: &'static str,
    online: bool,
    seen: BTreeMap<Place, (i64, Filled)>,
    waiting: Vec<Save>,
    /// What it was told that the other changed.
    told: HashSet<(Place, &'static str, String)>,
}

struct Game {
    document: Uuid,
    counter: i64,
    /// Texts that were stored and overwritten.
    overwritten: Vec<String>,
    merged: usize,
    asked: usize,
}

fn records(document: &Document) -> BTreeMap<Place, (i64, Filled)> {
    let head = (None, (document.meta.head_version, document.head.clone()));
    let rows = rows(document, EXPORTS).iter().map(|row| (Some(row.id), (row.version, row.content.clone())));
    rows.chain([head]).collect()
}

async fn stored(call: &Call, document: Uuid) -> BTreeMap<Place, (i64, Filled)> {
    records(&service::get(call, document).await.unwrap())
}

impl Client {
    /// Types in one or two fields of the head or of a row, and saves.
    async fn types(&mut self, game: &mut Game) {
        let mut random = rand::rng();
        let places: Vec<Place> = self.seen.keys().copied().collect();
        let place = places[random.random_range(0..places.len())];
        let fields: &[&str] = if place.is_none() { &HEAD_FIELDS } else { &ROW_FIELDS };
        let (base, mut content) = self.seen[&place].clone();
        let mut was = Filled::new();
        for _ in 0..random.random_range(1..3) {
            let field = fields[random.random_range(0..fields.len())];
            was.entry(field.to_owned()).or_insert_with(|| at(&content, field).to_owned());
            game.counter += 1;
            // Sometimes the same by both.
            let text =
                if random.random_bool(0.1) { "same".into() } else { format!("{}-{:06}-", self.name, game.counter) };
            content.insert(field.to_owned(), text);
        }
        was.retain(|field, before| at(&content, field) != before);
        game.counter += 1;
        let save = Save { op: game.counter, place, base, content: content.clone(), was };
        if self.online && self.waiting.is_empty() {
            self.send(save, game).await;
        } else {
            self.seen.insert(place, (-save.op, content));
            self.waiting.push(save);
        }
    }

    /// Back on the line: what waits is sent in its order; some of it twice.
    async fn catch_up(&mut self, game: &mut Game) {
        self.online = true;
        for save in std::mem::take(&mut self.waiting) {
            let again = rand::rng().random_bool(0.2).then(|| save.clone());
            self.send(save, game).await;
            if let Some(again) = again {
                let before = stored(&self.call, game.document).await;
                let _ = self.request(&again, game.document).await;
                assert_eq!(stored(&self.call, game.document).await, before, "a save that comes twice is done once");
            }
        }
        self.seen = stored(&self.call, game.document).await;
    }

    async fn request(&self, save: &Save, document: Uuid) -> Result<(Vec<Difference>, Filled, i64), Failure> {
        let Save { op, place, base, content, was } = save.clone();
        let was = Some(was);
        match place {
            None => {
                let request = SaveHead { op, id: document, kind: KIND.into(), base, head: content, was };
                let saved = service::save_head(&self.call, request).await?;
                Ok((saved.merged, saved.head, saved.meta.head_version))
            }
            Some(row_id) => {
                let puts = vec![PutRow { row_id, base, seq: 0, content, was }];
                let request =
                    SaveRows { op, document_id: document, section: EXPORTS.into(), puts, removes: Vec::new() };
                let mut saved = service::save_rows(&self.call, request).await?;
                let row = saved.rows.remove(0);
                Ok((saved.merged, row.content, row.version))
            }
        }
    }

    /// Sends a save until it is stored, deciding at random where both changed a field; holds what became of the document
    /// against what the sender knew.
    async fn send(&mut self, mut save: Save, game: &mut Game) {
        loop {
            let before = stored(&self.call, game.document).await;
            let answer = self.request(&save, game.document).await;
            let after = stored(&self.call, game.document).await;
            match answer {
                Ok((merged, content, version)) => {
                    game.holds(&save, &before, &after, &merged, &mut self.told);
                    self.seen.insert(save.place, (version, content));
                    return;
                }
                Err(Failure::Conflict { differences, .. }) => {
                    game.asked += 1;
                    assert!(!differences.is_empty(), "nothing to decide");
                    let stored_alone = |map: &BTreeMap<Place, (i64, Filled)>| map[&save.place].1.clone();
                    assert_eq!(stored_alone(&before), stored_alone(&after), "a save that is refused stores nothing");
                    for one in differences {
                        let field = one.pointer.rsplit('.').next().unwrap().to_owned();
                        assert_eq!(at(&before[&save.place].1, &field), one.theirs);
                        if rand::rng().random_bool(0.5) {
                            save.was.insert(field, one.theirs);
                        } else {
                            save.was.remove(&field);
                            save.content.insert(field, one.theirs);
                        }
                    }
                    game.counter += 1;
                    save.op = game.counter;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

impl Game {
    /// No field changed that the sender did not change, and none over a text the sender had not seen.
    fn holds(
        &mut self,
        save: &Save,
        before: &BTreeMap<Place, (i64, Filled)>,
        after: &BTreeMap<Place, (i64, Filled)>,
        merged: &[Difference],
        known: &mut HashSet<(Place, &'static str, String)>,
    ) {
        for (place, (_, old)) in before {
            let fields: Vec<&'static str> = if place.is_none() { HEAD_FIELDS.to_vec() } else { ROW_FIELDS.to_vec() };
            for field in fields {
                let (old, new) = (at(old, field), at(&after[place].1, field));
                let mine = (*place == save.place).then(|| save.was.get(field)).flatten();
                match mine {
                    Some(_) => assert_eq!(new, at(&save.content, field), "what was saved is stored"),
                    None => assert_eq!(new, old, "a field changed that nobody typed in"),
                }
                if old != new {
                    assert_eq!(mine.map(String::as_str), Some(old), "overwritten by somebody who had not seen it");
                    self.overwritten.push(old.to_owned());
                }
                let told = *place == save.place && mine.is_none() && at(&save.content, field) != old;
                if told {
                    self.merged += 1;
                    let is_it = |one: &Difference| one.pointer.ends_with(&format!(".{field}")) && one.theirs == old;
                    let key = (*place, field, old.to_owned());
                    // Of saves that go on from each other, the first tells.
                    let is_told = merged.iter().any(is_it) || (save.base < 0 && known.contains(&key));
                    known.insert(key);
                    assert!(is_told, "what somebody else changed came in unsaid");
                }
            }
        }
    }
}

#[tokio::test]
async fn of_two_people_nobody_overwrites_what_they_have_not_seen() {
    let histories: usize = std::env::var("OPBOOK_TEST_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    for db in both_databases().await {
        let state = state(db).await;
        let (mut saves, mut overwritten, mut merged, mut asked) = (0, 0, 0, 0);
        for _ in 0..histories {
            let (zhang, li) = (call(&state, "zhang", OWN), call(&state, "li", OWN));
            let (document, _) = new_filing(&zhang).await;
            add(&zhang, document, EXPORTS, &export("10")).await;
            add(&zhang, document, EXPORTS, &export("20")).await;
            let seen = stored(&zhang, document).await;
            let client = |call, name| Client {
                call,
                name,
                online: true,
                seen: seen.clone(),
                waiting: Vec::new(),
                told: HashSet::new(),
            };
            let mut clients = [client(zhang, "z"), client(li, "l")];
            let mut game = Game { document, counter: 0, overwritten: Vec::new(), merged: 0, asked: 0 };
            for _ in 0..rand::rng().random_range(4..16) {
                let who = rand::rng().random_range(0..2);
                let client = &mut clients[who];
                match rand::rng().random_range(0..10) {
                    0 | 1 => client.online = false,
                    2 | 3 => client.catch_up(&mut game).await,
                    _ => {
                        saves += 1;
                        client.types(&mut game).await;
                    }
                }
            }
            for client in &mut clients {
                client.catch_up(&mut game).await;
            }
            let trail: Vec<String> = sqlx::query_scalar("SELECT detail FROM audit WHERE document_id = $1")
                .bind(document.to_string())
                .fetch_all(&state.db.read)
                .await
                .unwrap();
            for text in game.overwritten.iter().filter(|text| text.contains('-')) {
                assert!(trail.iter().any(|detail| detail.contains(text)), "{text} is lost without a trace");
            }
            overwritten += game.overwritten.len();
            merged += game.merged;
            asked += game.asked;
        }
        assert!(merged > 0 && asked > 0, "the two never met");
        eprintln!(
            "{histories} histories of two: {saves} saves, {merged} fields of the other kept, {asked} times asked, {overwritten} texts overwritten, all seen before and all in the trail"
        );
    }
}

#[tokio::test]
async fn what_the_server_filled_in_is_not_said_to_be_somebody_elses() {
    for db in both_databases().await {
        let state = state(db).await;
        let zhang = call(&state, "zhang", OWN);
        let id = Uuid::now_v7();
        let first = filled(&head(&zhang));
        let make = SaveHead { op: 7, id, kind: KIND.into(), base: 0, head: first.clone(), was: None };
        let made = service::save_head(&zhang, make).await.unwrap();
        assert!(!at(&made.head, "internal_no").is_empty(), "the server gives a number");
        // Made before that answer was there.
        let mut second = first;
        second.insert("remark".into(), "离线".into());
        let was = Some(Filled::from([("remark".to_owned(), String::new())]));
        let goes_on = SaveHead { op: 8, id, kind: KIND.into(), base: -7, head: second, was };
        let saved = service::save_head(&zhang, goes_on).await.unwrap();
        assert_eq!(saved.merged, []);
        assert_eq!(at(&saved.head, "remark"), "离线");
        assert_eq!(at(&saved.head, "internal_no"), at(&made.head, "internal_no"));
    }
}
