//! JobSet, an operator with a custom resource and validating and mutating webhooks, whose certificate it makes
//! itself. Its manifests are its own, but for the processor time that it asks for.

use std::fs;

use crate::harness::{BUSYBOX, Space, software};

/// A driver who is done as soon as both workers have answered it; then the workers are ended.
fn jobset(namespace: &str, success: &str) -> String {
    format!(
        "
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {{name: set}}
spec:
  successPolicy: {{operator: All, targetReplicatedJobs: [{success}]}}
  replicatedJobs:
  - name: worker
    replicas: 2
    template:
      spec:
        template:
          spec:
            terminationGracePeriodSeconds: 1
            restartPolicy: Never
            containers:
            - name: main
              image: {BUSYBOX}
              command: [sh, -c, 'echo $HOSTNAME > /tmp/index.html; httpd -f -h /tmp -p 8080']
  - name: driver
    template:
      spec:
        template:
          spec:
            terminationGracePeriodSeconds: 1
            restartPolicy: Never
            containers:
            - name: main
              image: {BUSYBOX}
              command:
              - sh
              - -c
              - |
                for one in set-worker-0-0 set-worker-1-0; do
                  until
                    address=$(nslookup -type=a $one.set.{namespace}.svc.cluster.local) &&
                      wget -q -O - http://${{address##*Address: }}:8080
                  do sleep 0.2; done
                done
"
    )
}

/// Installs it and lets it run a JobSet.
pub(super) fn is_of_use(space: &Space) {
    let manifest = fs::read_to_string(software().join("jobset.yaml")).expect("JobSet's manifests");
    // It asks for half a core, of which the tests' node has few.
    let manifest = manifest.replace("cpu: 500m", "cpu: 20m");
    space
        .kubectl("apply --server-side -f -")
        .stdin(&manifest)
        .ok();
    space
        .kubectl("-n jobset-system wait deployment --all --for=condition=Available --timeout=120s")
        .ok();

    let refused = jobset(&space.name, "nobody");
    let refused = space.kubectl("create -f -").stdin(&refused).exits(1);
    for part in ["vjobset.kb.io", "invalid replicatedJob name 'nobody'"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }

    space.create_from(&jobset(&space.name, "driver"));
    // What the mutating webhook filled in.
    let set = space.get("jobset set");
    assert_eq!(set["spec"]["network"]["enableDNSHostnames"], true, "{set}");
    space
        .kubectl("wait jobset/set --for=condition=Completed --timeout=90s")
        .ok();
    let log = space.kubectl("logs job/set-driver-0").ok();
    assert_eq!(log.lines(), ["set-worker-0-0", "set-worker-1-0"]);
    space.kubectl("delete jobset set --cascade=foreground").ok();
    let owned = "-l jobset.sigs.k8s.io/jobset-name=set";
    let left = space.field(
        &format!("jobs,pods,services {owned}"),
        ".items[*].metadata.name",
    );
    assert_eq!(left, "");
}
