//! What the Matrix view costs: a frame without a change, a frame after a move, and making everything anew.

use crossterm::event::{KeyCode, KeyEvent};
use divan::Bencher;
use domain::{
    CloudKind, Image, Limits, Member, MemberStatus, Membership, Moment, ProjectId, Scope,
};
use engine::{Event, Reading};
use sharelock::tui::Offscreen;

/// Images, members, and shares of each image.
const CLOUDS: [(usize, usize, usize); 3] =
    [(1_000, 200, 10), (10_000, 2_000, 10), (100_000, 20_000, 10)];

fn main() {
    divan::main();
}

fn scope() -> Scope {
    Scope {
        cloud: "bench".into(),
        region: None,
        kind: CloudKind::Ims,
        project_id: ProjectId("p".into()),
        project_name: None,
        user: None,
        endpoint: "http://bench".into(),
        protected: false,
        read_only: false,
        tls_verified: true,
        encrypted: true,
    }
}

/// A cloud where few members reach many images and many reach few; the Matrix view of it.
fn screen((images, members, shares): (usize, usize, usize)) -> Offscreen {
    let mut random = fastrand::Rng::with_seed(7);
    let mut screen = Offscreen::open(scope(), Limits::BATCH, 140, 40);
    let session = Offscreen::SESSION;
    let image = |n: usize| Image {
        name: Some(format!("image-{:06}", n * 7919 % images).as_str().into()),
        owner: Some(scope().project_id),
        ..Image::bare(format!("{n:036}").as_str().into())
    };
    for first in (0..images).step_by(1000) {
        let images = (first..first + 1000).map(image).collect();
        screen.event(Event::Images { session, images });
    }
    for n in 0..images {
        let mut share = |_| {
            let member = random.f64().powi(2) * 0.999_999;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a number below the number of members"
            )]
            let member = (member * members as f64) as usize;
            Membership {
                member: Member::project(format!(
                    "{:032x}",
                    member.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                )),
                status: MemberStatus::Accepted,
                created_at: Some(Moment(0)),
                updated_at: None,
            }
        };
        let reading = Reading::Members((0..shares).map(&mut share).collect());
        screen.event(Event::Members {
            session,
            image: format!("{n:036}").as_str().into(),
            reading,
        });
    }
    screen.press(KeyEvent::from(KeyCode::Char('3')));
    screen.frame();
    screen
}

fn press(screen: &mut Offscreen, keys: &str) {
    keys.chars().for_each(|key| screen.press(KeyEvent::from(KeyCode::Char(key))));
    screen.frame();
}

#[divan::bench(args = CLOUDS, sample_count = 20)]
fn a_frame_without_a_change(bencher: Bencher, cloud: (usize, usize, usize)) {
    let mut screen = screen(cloud);
    bencher.bench_local(|| screen.frame().area);
}

#[divan::bench(args = CLOUDS, sample_count = 20)]
fn a_move_in_both_directions(bencher: Bencher, cloud: (usize, usize, usize)) {
    let mut screen = screen(cloud);
    bencher.bench_local(|| press(&mut screen, "jl"));
}

/// Both sides by likeness, with a filter that lets everything through.
#[divan::bench(args = CLOUDS, sample_count = 5)]
fn making_everything_anew(bencher: Bencher, cloud: (usize, usize, usize)) {
    let mut screen = screen(cloud);
    bencher.bench_local(|| press(&mut screen, "z"));
}

/// A letter of a filter.
#[divan::bench(args = CLOUDS, sample_count = 5)]
fn typing_a_filter(bencher: Bencher, cloud: (usize, usize, usize)) {
    let mut screen = screen(cloud);
    press(&mut screen, "/");
    bencher.bench_local(|| press(&mut screen, "7"));
}

/// Marking a column of the member that reaches most.
#[divan::bench(args = CLOUDS, sample_count = 5)]
fn marking_a_column(bencher: Bencher, cloud: (usize, usize, usize)) {
    let mut screen = screen(cloud);
    bencher.bench_local(|| press(&mut screen, "|"));
}
