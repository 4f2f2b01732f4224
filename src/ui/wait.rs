//! One answer that somebody waits for: a dialog's choice, a renewed sign-in.
//! Pure; the giver and the waiter may live anywhere in the page.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

struct Shared<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

/// The side that answers. The first answer counts.
pub struct Giver<T>(Arc<Mutex<Shared<T>>>);

impl<T> Clone for Giver<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The side that waits.
pub struct Waiter<T>(Arc<Mutex<Shared<T>>>);

/// A giver and its waiter.
pub fn answer<T>() -> (Giver<T>, Waiter<T>) {
    let shared = Arc::new(Mutex::new(Shared { answer: None, waker: None }));
    (Giver(Arc::clone(&shared)), Waiter(shared))
}

impl<T> Giver<T> {
    pub fn give(&self, answer: T) {
        let waker = {
            let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if shared.answer.is_none() {
                shared.answer = Some(answer);
            }
            shared.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Waiter<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                shared.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
