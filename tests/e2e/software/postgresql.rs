//! PostgreSQL, one server with a volume, a password in a Secret, and a client that finds it by its name.

use crate::harness::{POSTGRESQL, Space, until};

fn manifest() -> String {
    format!(
        "
apiVersion: v1
kind: Secret
metadata: {{name: postgresql}}
stringData: {{password: of-the-application}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: postgresql}}
data:
  postgresql.conf: |
    listen_addresses = '*'
    unix_socket_directories = '/tmp'
    hba_file = '/config/pg_hba.conf'
  pg_hba.conf: |
    host all all all scram-sha-256
---
apiVersion: v1
kind: Service
metadata: {{name: postgresql}}
spec:
  selector: {{app: postgresql}}
  ports: [{{port: 5432}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: postgresql}}
spec:
  serviceName: postgresql
  selector: {{matchLabels: {{app: postgresql}}}}
  template:
    metadata: {{labels: {{app: postgresql}}}}
    spec:
      securityContext: {{runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, runAsNonRoot: true}}
      initContainers:
      - name: init
        image: {POSTGRESQL}
        command: [sh, -c, 'test -e /data/db/PG_VERSION ||
          initdb -D /data/db -U app --pwfile=/secret/password --auth=scram-sha-256 --no-sync']
        volumeMounts: [{{name: data, mountPath: /data}}, {{name: secret, mountPath: /secret}}]
      containers:
      - name: postgresql
        image: {POSTGRESQL}
        command: [postgres, -D, /data/db, -c, config_file=/config/postgresql.conf]
        ports: [{{containerPort: 5432}}]
        readinessProbe: {{exec: {{command: [pg_isready, -h, 127.0.0.1]}}, periodSeconds: 1}}
        volumeMounts: [{{name: data, mountPath: /data}}, {{name: config, mountPath: /config}}]
      volumes:
      - {{name: secret, secret: {{secretName: postgresql}}}}
      - {{name: config, configMap: {{name: postgresql}}}}
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 256Mi}}}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: application}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: {POSTGRESQL}
    command: [sleep, '100000']
    env:
    - {{name: PGHOST, value: postgresql}}
    - {{name: PGUSER, value: app}}
    - {{name: PGDATABASE, value: postgres}}
    - {{name: PGCONNECT_TIMEOUT, value: '3'}}
    - {{name: PGPASSWORD, valueFrom: {{secretKeyRef: {{name: postgresql, key: password}}}}}}
"
    )
}

/// Installs it, writes and reads.
pub(super) fn is_of_use(space: &Space) {
    space.create_from(&manifest());
    space.await_ready("pod/application");
    space
        .kubectl("rollout status statefulset/postgresql --timeout=90s")
        .ok();
    let words = "CREATE TABLE words (number int PRIMARY KEY, word text); INSERT INTO words
        SELECT number, 'word ' || number FROM generate_series(1, 1000) AS number";
    until("a table", || query(space, words).is_some());
    serves(space);
}

/// Loses the server at once.
pub(super) fn survives(space: &Space) {
    let uid = || space.field("pod postgresql-0", ".metadata.uid");
    let before = uid();
    space
        .kubectl("delete pod postgresql-0 --grace-period=0 --force")
        .ok();
    serves(space);
    assert_ne!(uid(), before);
}

/// Waits until what was written is read.
fn serves(space: &Space) {
    until("all words are counted", || {
        let counted = query(space, "SELECT count(*), max(word) FROM words");
        counted.is_some_and(|counted| counted == "1000|word 999")
    });
}

/// What the server answers to the application.
fn query(space: &Space, sql: &str) -> Option<String> {
    let call = space.kubectl("exec application -- psql -q -A -t -v ON_ERROR_STOP=1 -c");
    let done = call.arg(sql).run();
    (done.code == 0).then(|| done.output().to_owned())
}
