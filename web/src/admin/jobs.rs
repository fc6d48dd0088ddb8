//! Queues, jobs in trouble, nodes.

use askama::Template;
use axum::response::Response;
use isds_core::ports::{JOBS_LOOKED_AT, JobId, Queue, TroubledJob, WaitingKind, WaitingWork};
use isds_core::{HEARD_SECONDS, NodeReport, job_kind_name};

use super::form::Typed;
use crate::page::{Administrator, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct JobsPage<'a> {
    page: &'a Page,
    section: &'static str,
    queues: &'a [Queue],
    troubled: &'a [TroubledJob],
    waiting: &'a [WaitingWork],
}

impl JobsPage<'_> {
    fn kind(&self, kind: &i16) -> String {
        self.page.t(&format!("admin-job-{}", job_kind_name(*kind))).into_owned()
    }

    fn waiting_kind(&self, work: &WaitingWork) -> String {
        let key = match work.kind {
            WaitingKind::Mails => "admin-waiting-mails",
            WaitingKind::Notices => "admin-waiting-notices",
            WaitingKind::Indexing => "admin-waiting-indexing",
            WaitingKind::TextExtraction => "admin-waiting-text",
        };
        self.page.t(key).into_owned()
    }

    /// How much it is, or that it is more than was looked at.
    fn bounded(&self, count: &u64) -> String {
        if *count < JOBS_LOOKED_AT {
            count.to_string()
        } else {
            format!("≥ {JOBS_LOOKED_AT}")
        }
    }
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let queues = isds.queues(&admin.principal).await?;
    let troubled = isds.troubled_jobs(&admin.principal).await?;
    let waiting = isds.waiting_work(&admin.principal).await?;
    admin.page.render(&JobsPage {
        page: &admin.page,
        section: "jobs",
        queues: &queues,
        troubled: &troubled,
        waiting: &waiting,
    })
}

/// Tries one job again, or all of a kind that did not succeed.
pub(super) async fn retry(
    admin: Administrator,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let isds = &admin.site.isds;
    let tried = if let Ok(id) = typed.text("job").parse() {
        isds.try_job_now(&admin.principal, JobId(id)).await?
    } else {
        let kind = typed.text("kind").parse().map_err(|_| PageError::WrongForm)?;
        isds.try_jobs_now(&admin.principal, kind).await? > 0
    };
    let notice = if tried {
        "admin-jobs-tried"
    } else {
        "admin-jobs-nothing-waits"
    };
    Ok(admin.page.redirect("/admin/jobs", Notice::done(notice)))
}

#[derive(Template)]
#[template(path = "admin/nodes.html")]
struct NodesPage<'a> {
    page: &'a Page,
    section: &'static str,
    nodes: &'a [NodeReport],
    heard: i64,
}

impl NodesPage<'_> {
    /// Free space in gigabytes, and how much of all that is, in per cent.
    fn space(&self, report: &NodeReport) -> Option<(i64, i64)> {
        let (free, total) = report.node.disk_free.zip(report.node.disk_total)?;
        Some((free / 1_000_000_000, free.saturating_mul(100) / total.max(1)))
    }
}

pub(super) async fn nodes(admin: Administrator) -> Result<Response, PageError> {
    let nodes = admin.site.isds.nodes(&admin.principal).await?;
    admin.page.render(&NodesPage {
        page: &admin.page,
        section: "nodes",
        nodes: &nodes,
        heard: HEARD_SECONDS,
    })
}
