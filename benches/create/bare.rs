//! A control plane that nobody but the host helps: the objects of `vc render`, created in one go.
//!
//! In: what `vc render` prints. Out: how long the host takes to make and to remove it. Never: runs
//! `vc create` or `vc delete`.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{ApiResource, DeleteParams, DynamicObject, PostParams};
use kube::core::gvk::ParseGroupVersionError;
use kube::core::{GroupVersionKind, ObjectList, TypeMeta};
use vc::cli::GlobalArgs;
use vc::config::Environment;
use vc::names::ClusterName;
use vc::pki::AdminCredential;
use vc::serving;
use vc::ui::Ui;
use vc::wait::{self, Target};

use crate::stage::{DEADLINE, Stage};

/// The manifests of one control plane, ready to be sent.
pub(crate) struct Bare<'a> {
    stage: &'a Stage,
    /// A terminal that nobody looks at.
    ui: Ui,
    name: ClusterName,
    objects: Vec<(Api<DynamicObject>, DynamicObject)>,
    admin: AdminCredential,
}

impl<'a> Bare<'a> {
    /// Renders the manifests; nothing of it is measured.
    pub(crate) fn render(stage: &'a Stage, name: &str, options: &[&str]) -> anyhow::Result<Self> {
        let namespace = stage.namespace.as_str();
        let arguments = ["render", name, "--namespace", namespace, "--output", "json"];
        let rendered = stage.vc(&[&arguments[..], options].concat())?;
        let list: ObjectList<DynamicObject> = serde_json::from_str(&rendered.stdout)?;
        let name: ClusterName = name.parse()?;
        let admin = admin(&list.items, &name.kubeconfig_secret())?;
        let objects = list.items.into_iter().map(|object| {
            let api = api_of(
                stage,
                object.types.as_ref().context("an object has no kind")?,
            )?;
            Ok((api, object))
        });
        let quiet = GlobalArgs {
            quiet: true,
            ..GlobalArgs::default()
        };
        Ok(Self {
            stage,
            ui: Ui::new(&quiet, &Environment::default()),
            name,
            admin,
            objects: objects.collect::<anyhow::Result<_>>()?,
        })
    }

    /// From the first request to what `vc create` waits for, too, seen in the same way.
    pub(crate) async fn create(&self) -> anyhow::Result<Duration> {
        let Self { ui, .. } = self;
        let Stage { host, .. } = self.stage;
        let began = Instant::now();
        for (api, object) in &self.objects {
            api.create(&PostParams::default(), object).await?;
        }
        let probe = serving::await_serving(host, self.target(), &self.admin);
        wait::await_ready(host, ui, self.target(), DEADLINE, probe).await?;
        Ok(began.elapsed())
    }

    /// From the first request to nothing left.
    pub(crate) async fn delete(&self) -> anyhow::Result<Duration> {
        let Self { ui, .. } = self;
        let Stage { host, .. } = self.stage;
        let background = DeleteParams::background();
        let began = Instant::now();
        let deletions = self.objects.iter().map(|(api, object)| {
            let name = object.metadata.name.clone().unwrap_or_default();
            let background = &background;
            async move { api.delete(&name, background).await.map(drop) }
        });
        try_join_all(deletions).await?;
        wait::await_gone(host, ui, self.target(), DEADLINE).await?;
        Ok(began.elapsed())
    }

    fn target(&self) -> Target<'_> {
        Target {
            name: &self.name,
            namespace: &self.stage.namespace,
        }
    }
}

fn admin(objects: &[DynamicObject], name: &str) -> anyhow::Result<AdminCredential> {
    let secret = objects
        .iter()
        .find(|object| object.metadata.name.as_deref() == Some(name))
        .with_context(|| format!("no secret `{name}` was rendered"))?;
    let secret: Secret = secret.clone().try_parse()?;
    Ok(AdminCredential::from_secret(
        &secret.data.unwrap_or_default(),
    )?)
}

fn api_of(stage: &Stage, types: &TypeMeta) -> Result<Api<DynamicObject>, ParseGroupVersionError> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::try_from(types)?);
    let client = stage.host.client.clone();
    Ok(Api::namespaced_with(
        client,
        stage.namespace.as_str(),
        &resource,
    ))
}
