//! Every code of a finding: what it means, why it happens, what to do.
//!
//! In: a code. Out: its words, for `vc explain` and `docs/troubleshooting.md`. Never: a code that means another
//! thing than it did in an earlier release; the number of one that is gone stays unused.

use super::Severity;

/// One kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `VC203`: the hundreds tell what it is about.
    pub id: &'static str,
    /// How bad a finding of it is.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means and why it happens.
    pub why: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $title:literal $why:literal $remedy:literal)*) => {
        $(#[doc = $title]
        pub const $name: Code = Code {
            id: $id,
            severity: Severity::$severity,
            title: $title,
            why: $why,
            remedy: $remedy,
        };)*

        /// All of them, by number.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    NO_HOST "VC101" Error
    "the host cannot be used"
    "The context of the kubeconfig leads to no host: there is none, it does not answer, its certificate is not trusted, or it \
     does not know who you are."
    "Check it with `kubectl cluster-info`; name another context with `--context`."

    KUBECONFIG "VC102" Error
    "the kubeconfig cannot be read"
    "A file of `$KUBECONFIG`, `--kubeconfig` or `~/.kube/config` is not readable, or is not a kubeconfig. Neither kubectl nor vc \
     can do anything."
    "Mend the line that is named, or leave the file out of `$KUBECONFIG`."

    KUBECONFIG_LOCK "VC103" Warning
    "a lock beside the kubeconfig was left behind"
    "kubectl and vc lock a kubeconfig by a file `FILE.lock`, for some milliseconds. One that is older was left by a process that was \
     killed, and nobody can change the kubeconfig as long as it is there. A lock of vc's names its process; kubectl's does not."
    "If neither kubectl nor vc is running, remove it. `vc doctor --fix` removes one whose process is known to be gone."

    STALE_TUNNEL "VC104" Warning
    "a record of a tunnel whose process is gone"
    "The background process that carried kubectl's connections was killed, so it could not remove its record. The next use of the \
     cluster's context starts another one."
    "`vc doctor --fix` removes the record."

    OPEN_FILE "VC105" Warning
    "others on this machine may read what they should not"
    "A kubeconfig may hold credentials, and the state directory tells which clusters you have and where. Both are made for their owner \
     alone; somebody has opened them."
    "Take the rights of others away with chmod; `vc doctor --fix` does."

    CLOCK_AHEAD "VC106" Error
    "this machine's clock is ahead of the host's"
    "New certificates are good from five minutes before they are made. On a machine whose clock is further ahead than that, the host \
     finds them not yet valid, and the control plane does not come up."
    "Set the clock, for instance with `timedatectl set-ntp true`."

    CLOCK_OFF "VC107" Warning
    "this machine's clock differs from the host's"
    "Ages, expiries and the life of certificates are told by two clocks that differ."
    "Set the clock, for instance with `timedatectl set-ntp true`."

    KUBECTL_SKEW "VC108" Warning
    "kubectl is too far from the Kubernetes release"
    "kubectl is supported within one minor release of the API server that it talks to."
    "Install a kubectl of the release, or take another release with `--kubernetes-version`."

    MISSING_RIGHT "VC201" Error
    "a right is missing on the host"
    "`vc create` makes objects in the host namespace with your own rights, and gives some of them to the syncer; nobody can give what he \
     has not himself. Kubernetes' namespaced role `admin` is enough unless an option takes more."
    "Have an administrator of the host apply what `vc rbac -n NAMESPACE --user YOU` prints."

    NAMESPACE_GOING "VC202" Error
    "the host namespace cannot be used"
    "It is being deleted, so nothing can be made in it."
    "Wait for its end with `kubectl wait --for=delete namespace/NAME`, or take another one with `-n`."

    QUOTA "VC203" Error
    "a ResourceQuota of the namespace has too little left"
    "The control plane asks for CPU, memory, storage and a number of objects. The host refuses what goes beyond the namespace's quota, \
     and then the pod never comes."
    "Ask for less with `--cpu`, `--memory` and `--storage-size`, delete what is not needed, or have the quota raised."

    QUOTA_FULL "VC204" Warning
    "a ResourceQuota of the namespace has nothing left for pods"
    "The control plane fits, but takes all that is left: no pod of the virtual cluster would be admitted."
    "Have the quota raised."

    POD_SECURITY "VC205" Warning
    "the namespace's Pod Security admits less than the cluster would"
    "The control plane meets every profile. But pods of the virtual cluster run in this namespace, and it enforces a stricter \
     profile than the cluster itself: what is fine inside is refused by the host, and an Event on the pod says so."
    "Make the cluster as strict with `--pod-security restricted`, so that users hear at once; or have the namespace's label changed."

    NOT_ADMITTED "VC206" Error
    "the host's admission refuses the control plane"
    "Every object of a cluster was checked by the host without being stored. A policy, a LimitRange, a quota or a webhook refuses one, in \
     the words that are shown."
    "Change what is refused by an option of `vc create`, or talk to the host's administrator."

    NO_STORAGE_CLASS "VC207" Warning
    "there is no StorageClass for the store"
    "The host has no default StorageClass, so the store of a new cluster would be in its pod, and lost with it."
    "Name a class with `--storage-class`, or say with `--ephemeral` that this is meant."

    STORAGE "VC208" Error
    "the store's volume cannot be had"
    "The StorageClass that was named does not exist, or the host refuses the volume claim."
    "See which there are with `kubectl get storageclasses`."

    NO_IMAGE "VC209" Error
    "there is no image for the syncer"
    "The control plane runs vc itself. A release knows its image; any other build has to be told one."
    "Make one with `vc image save -o vc.tar`, bring it to the nodes, and name it with `--image`, `VC_IMAGE` or `image:` in the \
     configuration file."

    IMAGE_NOT_ON_NODES "VC210" Warning
    "no node is known to have the image, and none can pull it"
    "The image's name is one of no registry, so it has to be loaded to each node. Nodes tell of their largest images alone, so one may \
     be there without being told of."
    "Load it to every node, for instance with `kind load image-archive vc.tar`; or push it to a registry and name that."

    VERSION_SKEW "VC211" Warning
    "the virtual cluster's release is far from the host's"
    "Pods of a virtual cluster run on the host's kubelets. Kubernetes supports kubelets up to three minor releases older than their API \
     server, and none that are newer; fields that only one side knows have no effect on the other."
    "Take a release nearer to the host's with `--kubernetes-version`."

    NEIGHBOUR "VC212" Error
    "a quota does not go together with who else is in the namespace"
    "A ResourceQuota counts everything in a namespace, so a cluster with one has to be alone there."
    "Take a namespace of its own with `-n`."

    SERVICE_RANGE "VC213" Error
    "the host's service range cannot be found out"
    "Services have one address inside and on the host, so the API server has to know the host's range. It is read from the host's \
     refusal of an impossible address, and this host answers otherwise."
    "Pass it with `--service-cidr`; an administrator finds it in the API server's `--service-cluster-ip-range`."

    OPTIONAL_RIGHT "VC214" Note
    "a right that a cluster can do without is missing"
    "The syncer gets some rights only if you have them: Kubernetes' role `admin` lacks most of them. Without one, a single thing does not \
     work inside."
    "If it is needed, have an administrator of the host apply what `vc rbac -n NAMESPACE --user YOU --optional` prints, before the cluster \
     is made."

    STUCK "VC301" Error
    "the control plane cannot become ready"
    "A container of its pod cannot start or ends again and again: its image cannot be pulled, its configuration is refused, or it \
     crashes."
    "Look at `vc describe NAME` and `vc logs NAME --previous`; mend the cause, or delete the cluster and make it again."

    NOT_READY "VC302" Warning
    "the control plane is not ready"
    "Its pod has not come up yet, or has gone down and comes up again. If it was ready and stays like this, something is wrong with a \
     node, a volume or a container."
    "Wait for it with `vc wait NAME`; look at `vc describe NAME`."

    NO_POD "VC303" Error
    "the control plane has no pod"
    "Its StatefulSet is to have a pod, but none is there: the host refuses it (quota, Pod Security, a webhook), or its controller manager \
     does not work."
    "See why with `kubectl describe statefulset vc-NAME`, or the events of `vc describe NAME`."

    RESTARTED "VC304" Warning
    "a container of the control plane was started again"
    "It ended by itself or was ended: out of memory, or because its probe failed. One restart of the controller manager is part of a \
     slow start."
    "See what it said last with `vc logs NAME -c CONTAINER --previous`; if it was out of memory, make the cluster with a larger \
     `--memory-limit`."

    PAUSED "VC305" Note
    "the cluster is paused"
    "`vc pause` has scaled it to nothing. What it has stored is kept."
    "`vc resume NAME`, or any use of its context, wakes it."

    CERTIFICATE_EXPIRED "VC306" Error
    "a certificate has expired"
    "The syncer renews leaf certificates when two thirds of their life are over, if it runs. Authorities live ten years and are not \
     renewed."
    "See that the control plane runs (`vc resume NAME`, `vc logs NAME -c syncer`): a syncer that starts renews what has expired. If it was \
     an authority, make the cluster again."

    CERTIFICATE_OVERDUE "VC307" Warning
    "a certificate should have been renewed"
    "Its time to be renewed is long over, so the syncer does not run, or may not write the host's Secrets."
    "See why in `vc logs NAME -c syncer`."

    SYNCER "VC308" Error
    "the syncer is not ready"
    "The API server answers, but nothing reaches the host or comes back: pods stay Pending, statuses are old. The syncer may have lost its \
     way to one of the API servers, or is still catching up."
    "See why in `vc logs NAME -c syncer`."

    EXPIRED "VC309" Warning
    "the cluster's time is over"
    "It was made with `--ttl`, and its syncer should have deleted it by now. It does not run, or something holds the objects."
    "`vc prune` deletes it."

    EXPIRES_SOON "VC310" Note
    "the cluster deletes itself soon"
    "It was made with `--ttl`, or by `vc run`."
    "Take out of it what you want to keep."

    HALF_MADE "VC311" Error
    "the cluster was only begun"
    "Its marker is there and its StatefulSet is not: `vc create` or `vc run` was killed between the two, or somebody has deleted the \
     StatefulSet."
    "Go on with the same `vc create`, or delete it with `vc delete NAME`. One that is just being made looks the same for a moment."

    NO_MARKER "VC312" Error
    "the cluster has lost its marker"
    "The ConfigMap `vc-NAME` owns everything of a cluster. Without it the host's garbage collector deletes the rest, and the syncer \
     works no more."
    "Finish it with `vc delete NAME`."

    HALF_DELETED "VC313" Warning
    "the cluster is being deleted"
    "Somebody is just deleting it, or was interrupted."
    "`vc delete NAME` goes on with it, `vc prune` as well."

    NO_SECRETS "VC314" Error
    "a Secret of the cluster is missing"
    "The keys and certificates of the control plane, or the administrator's credential, are not where they should be. What runs goes on, \
     but does not start again."
    "What is lost cannot be made again: delete the cluster and make it anew."

    STORE_FULL "VC315" Error
    "the store of the cluster is full"
    "Its etcd has reached its quota, which is part of the size of its volume, and refuses whatever would write, with `etcdserver: mvcc: \
     database space exceeded`. Reads go on, and so does what runs."
    "Delete what is not needed: ConfigMaps, Secrets and custom resources without finalizers go at once. Writes are taken again within \
     seconds. For more room make a cluster with a larger `--storage-size`."

    LEFTOVER "VC401" Warning
    "objects of a cluster that is no more"
    "They carry the mark of a cluster whose marker is gone, and nothing deletes them: their owner references were removed, or the host's \
     garbage collector does not work."
    "Delete them, as is shown."

    NOT_WHOLE "VC402" Warning
    "another cluster is not whole, or over"
    "Of a cluster there are parts alone, because making or deleting it was interrupted; or its time is over and it is still there. It does \
     not stop you from making one of another name."
    "Ask its owner; `vc delete NAME` removes it, `vc prune` what is over or half deleted."

    CANNOT_TELL "VC901" Unknown
    "something cannot be told"
    "You may not see it, so it was not checked. Whether it is in order is not known; nothing is wrong with your rights, unless another \
     finding says so."
    "Have somebody look who may."
}

/// The code of this id, however it is typed.
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// What the hundreds mean, for the list.
pub const GROUPS: [(&str, &str); 5] = [
    ("VC1", "this machine and the way to the host"),
    ("VC2", "the host namespace, before a cluster is made"),
    ("VC3", "a cluster"),
    ("VC4", "what is left of clusters"),
    ("VC9", "what cannot be seen"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_told_by_its_number_and_stands_in_a_group() {
        let mut ids: Vec<&str> = ALL.iter().map(|code| code.id).collect();
        assert!(ids.iter().all(|id| id.len() == 5), "{ids:?}");
        let groups = GROUPS.map(|(prefix, _)| prefix);
        let has_group = |id: &&str| groups.iter().any(|group| id.starts_with(group));
        assert!(ids.iter().all(has_group), "{ids:?}");
        assert!(ids.is_sorted());
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
    }

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        assert_eq!(find("vc203"), Some(&QUOTA));
        assert_eq!(find("VC999"), None);
    }

    #[test]
    fn every_code_says_what_to_do() {
        for code in ALL {
            assert!(
                code.why.ends_with('.') && code.remedy.ends_with('.'),
                "{code:?}"
            );
            assert!(!code.title.ends_with('.'), "{code:?}");
        }
    }
}
