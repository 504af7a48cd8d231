//! The vocabulary of the program: image, member, share, mark, plan, job, operation, receipt.
//!
//! No clock, no I/O, no async: every function depends on its arguments only.

pub mod failure;
pub mod image;
pub mod inventory;
pub mod job;
pub mod marks;
pub mod member;
pub mod operation;
pub mod plan;
pub mod project;
pub mod reach;
pub mod request;
pub mod scope;
pub mod sharing;
pub mod text;
pub mod time;

pub use failure::Failure;
pub use image::{Image, ImageId, Visibility};
pub use inventory::{ImageIx, Inventory, MemberIx, MemberList, Row};
pub use job::{JobId, JobReport, JobStatus};
pub use marks::Marks;
pub use member::{Member, MemberKind, MemberStatus, Membership, Seen, Share};
pub use operation::{Operation, OperationId, OperationKind, Outcome, Step};
pub use plan::{Batch, Confirmed, Limits, Plan};
pub use project::{Project, ProjectName, Source};
pub use reach::{Held, Reach, Total};
pub use request::ApiRequest;
pub use scope::{CloudKind, ProjectId, Scope};
pub use text::Text;
pub use time::Moment;
