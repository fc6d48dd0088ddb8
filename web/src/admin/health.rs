//! The state of the house at a glance.

use askama::Template;
use axum::response::Response;
use isds_core::own_certificate::{CertificateTerm, CertificateUse, OwnCertificate};
use isds_core::time::Timestamp;
use isds_core::{LimitView, ObjectsProbe, ScannerState, SystemHealth, job_kind_name};

use crate::page::{Administrator, Page, PageError};

#[derive(Template)]
#[template(path = "admin/health.html")]
struct HealthPage<'a> {
    page: &'a Page,
    section: &'static str,
    health: &'a SystemHealth,
    scanner: ScannerState,
    limits: &'a isds_core::Limits,
    changeable: &'a [LimitView],
    alive: u64,
    waiting: u64,
}

impl HealthPage<'_> {
    fn objects_key(&self) -> &'static str {
        match self.health.objects {
            ObjectsProbe::Answers => "admin-objects-answers",
            ObjectsProbe::Fails => "admin-objects-fails",
            ObjectsProbe::Silent => "admin-objects-silent",
        }
    }

    fn scanner_key(&self) -> &'static str {
        match self.scanner {
            ScannerState::None => "admin-scanner-none",
            ScannerState::Unknown => "admin-scanner-unknown",
            ScannerState::InOrder => "admin-scanner-answers",
            ScannerState::OutOfOrder { .. } => "admin-scanner-fails",
        }
    }

    fn scanner_answers(&self) -> bool {
        self.scanner == ScannerState::InOrder
    }

    /// Since when messages wait for it.
    fn scanner_fails(&self) -> Option<Timestamp> {
        match self.scanner {
            ScannerState::OutOfOrder { since } => Some(since),
            _ => None,
        }
    }

    fn certificate(&self, own: &OwnCertificate) -> String {
        let key = match own.used_for {
            CertificateUse::Listener => "admin-certificate-listener",
            CertificateUse::Seal => "admin-certificate-seal",
            CertificateUse::TimestampAuthority => "admin-certificate-authority",
        };
        self.page.t(key).into_owned()
    }

    fn is_long(&self, term: &CertificateTerm) -> bool {
        *term == CertificateTerm::Long
    }

    fn has_ended(&self, term: &CertificateTerm) -> bool {
        *term == CertificateTerm::Ended
    }

    fn objects_answer(&self) -> bool {
        self.health.objects == ObjectsProbe::Answers
    }

    fn troubled(&self) -> String {
        let count = self.health.troubled.len() as u64;
        self.page.tn("admin-health-troubled", &count).into_owned()
    }

    fn kind(&self, kind: &i16) -> String {
        self.page.t(&format!("admin-job-{}", job_kind_name(*kind))).into_owned()
    }

    fn limit(&self, view: &LimitView) -> String {
        self.page.t(&super::limits::key(view.name)).into_owned()
    }

    /// The value with its unit.
    fn value(&self, view: &LimitView) -> String {
        match view.name.unit() {
            1 => view.value.to_string(),
            _ => format!("{} MB", view.value),
        }
    }

    fn megabytes(&self, bytes: &u64) -> u64 {
        bytes / 1024 / 1024
    }
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let health = isds.system_health(&admin.principal).await?;
    let changeable = isds.changeable_limits(&admin.principal).await?;
    let alive = health.nodes.iter().filter(|node| node.alive).count() as u64;
    let waiting = health.queues.iter().map(|queue| queue.due).sum();
    admin.page.render(&HealthPage {
        page: &admin.page,
        section: "health",
        health: &health,
        scanner: isds.scanner_state(),
        limits: &isds.limits,
        changeable: &changeable,
        alive,
        waiting,
    })
}
