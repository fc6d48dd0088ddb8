//! Queues, jobs in trouble, nodes.

use askama::Template;
use axum::response::Response;
use isds_core::ports::{JobId, Queue, TroubledJob};
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
}

impl JobsPage<'_> {
    fn kind(&self, kind: &i16) -> String {
        self.page.t(&format!("admin-job-{}", job_kind_name(*kind))).into_owned()
    }
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let queues = isds.queues(&admin.principal).await?;
    let troubled = isds.troubled_jobs(&admin.principal).await?;
    admin.page.render(&JobsPage {
        page: &admin.page,
        section: "jobs",
        queues: &queues,
        troubled: &troubled,
    })
}

/// Tries one job again, or all of a kind that did not succeed.
pub(super) async fn retry(
    admin: Administrator,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let isds = &admin.site.isds;
    if let Ok(id) = typed.text("job").parse() {
        isds.try_job_now(&admin.principal, JobId(id)).await?;
    } else {
        let kind = typed.text("kind").parse().map_err(|_| PageError::WrongForm)?;
        isds.try_jobs_now(&admin.principal, kind).await?;
    }
    Ok(admin.page.redirect("/admin/jobs", Notice::done("admin-jobs-tried")))
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
