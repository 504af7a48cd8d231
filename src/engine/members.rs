//! The members of one image, to the last page.

use std::collections::HashSet;

use super::patience;
use super::{Login, Reading};
use crate::cloud::CloudError;
use crate::domain::{Failure, ImageId, Membership};

/// Reads all pages. What is not complete is a failure: unknown, never none.
pub(super) async fn read(login: &Login, image: &ImageId) -> Reading {
    match all_pages(login, image).await {
        Ok(members) => Reading::Members(members),
        Err(Trouble::Cloud(CloudError::MembersDoNotApply(_))) => Reading::DoNotApply,
        Err(Trouble::Cloud(CloudError::NotFound(_))) => Reading::Gone,
        Err(Trouble::Cloud(error)) => Reading::Failed(error.failure(what(image))),
        Err(Trouble::Unreadable(count)) => {
            let why = format!("{count} entries of the member list make no sense");
            Reading::Failed(Failure::new(what(image), why))
        }
        Err(Trouble::Loop) => {
            Reading::Failed(Failure::new(what(image), "the pages of the member list do not end"))
        }
    }
}

fn what(image: &ImageId) -> String {
    format!("read the members of image {image}")
}

enum Trouble {
    Cloud(CloudError),
    Unreadable(usize),
    Loop,
}

async fn all_pages(login: &Login, image: &ImageId) -> Result<Vec<Membership>, Trouble> {
    let (mut members, mut marks, mut mark) = (Vec::new(), HashSet::new(), None);
    loop {
        let page = patience::read(&login.pace, || login.cloud.members(image, mark.as_ref()))
            .await
            .map_err(Trouble::Cloud)?;
        if page.unreadable > 0 {
            return Err(Trouble::Unreadable(page.unreadable));
        }
        members.extend(page.items);
        match page.next {
            None => return Ok(members),
            Some(next) if !marks.insert(next.clone()) => return Err(Trouble::Loop),
            next => mark = next,
        }
    }
}
