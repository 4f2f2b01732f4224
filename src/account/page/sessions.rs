//! Where the user is signed in, and how to end it there; a part of the account page. Ends no session without
//! asking, and never the one it is looked at from: that is 退出.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::account::api;
use crate::account::model::SessionInfo;
use crate::error::ApiError;
use crate::form::show_time;
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::dialog::confirm;
use crate::ui::lang::{said, t};
use crate::ui::parts::{Block, BlockKind};
use crate::ui::toast;

type Answer = RwSignal<Option<Result<Vec<SessionInfo>, ApiError>>>;

fn load(answer: Answer) {
    spawn_local(async move {
        let sessions = call(api::sessions).await;
        answer.try_set(Some(sessions));
    });
}

#[component]
pub fn Sessions() -> impl IntoView {
    let answer: Answer = RwSignal::new(None);
    load(answer);
    let content = move || match answer.get() {
        None => view! { <Block kind=BlockKind::Loading text=text("正在读取…", "Reading…")/> }.into_any(),
        Some(Err(error)) => {
            view! { <Block kind=BlockKind::Failed text=error.message on_retry=Callback::new(move |()| load(answer))/> }
                .into_any()
        }
        Some(Ok(sessions)) => table(answer, sessions),
    };
    view! {
        <section class="panel" aria-labelledby="sessions-title">
            <h2 id="sessions-title" class="panel-title">{said(text("登录中的设备", "Where you are signed in"))}</h2>
            {content}
        </section>
    }
    .into_any()
}

fn table(answer: Answer, sessions: Vec<SessionInfo>) -> AnyView {
    let rows = sessions.into_iter().map(|session| row(answer, session)).collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t(text("设备", "Device"))}</th>
                    <th scope="col">{t(text("地址", "Address"))}</th>
                    <th scope="col">{t(text("登录时间", "Signed in"))}</th>
                    <th scope="col">{t(text("最近使用", "Last used"))}</th>
                    <th scope="col"><span class="sr-only">{t(text("操作", "Action"))}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(answer: Answer, session: SessionInfo) -> AnyView {
    let SessionInfo { id, device, address, created_at, last_seen_at, current } = session;
    let end = move |_| {
        let id = id.clone();
        spawn_local(async move {
            let question = Message::new("是否结束该设备上的登录？", "End the session on that device?");
            if !confirm(question).await {
                return;
            }
            match call(|| api::end_session(id.clone())).await {
                Ok(()) => toast::success(text("已结束该登录", "The session is ended")),
                Err(error) => toast::failed(&error),
            }
            load(answer);
        });
    };
    let action = if current {
        view! { <span class="pill">{t(text("本机", "This one"))}</span> }.into_any()
    } else {
        view! { <button type="button" class="button" on:click=end>{t(text("结束", "End"))}</button> }.into_any()
    };
    let name = device_name(&device);
    view! {
        <tr>
            <td title=device>{name}</td>
            <td>{address}</td>
            <td>{show_time(&created_at)}</td>
            <td>{show_time(&last_seen_at)}</td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}

/// Program and system out of what a browser says of itself; all of it when neither is known.
fn device_name(user_agent: &str) -> String {
    const PROGRAMS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let known =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    match (known(&PROGRAMS), known(&SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device_name;

    #[test]
    fn a_user_recognises_the_device_whose_session_to_end() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(device_name(edge), "Edge · Windows");
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";
        assert_eq!(device_name(mac), "Safari · macOS");
        assert_eq!(device_name("curl"), "curl");
    }
}
