// When the job has ended, whatever its end: the cluster goes, and the host's kubeconfig with it.

'use strict';

const { rmSync } = require('node:fs');
const { run, step } = require('./runner.js');

step(() => {
  const { STATE_label: label, STATE_namespace: namespace, STATE_kubeconfig: kubeconfig } = process.env;
  try {
    if (label) {
      run('vc', ['delete', '-n', namespace, '-l', label, '--yes', '--ignore-not-found']);
    }
  } finally {
    if (kubeconfig) {
      rmSync(kubeconfig, { force: true });
    }
  }
});
