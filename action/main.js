// The step itself: vc in PATH, and a virtual cluster whose context is the current one in the steps that follow.

'use strict';

const { appendFileSync, chmodSync, existsSync, mkdtempSync, writeFileSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
const { delimiter, join } = require('node:path');
const { input, needed, output, run, step, tell } = require('./runner.js');

/** Whether there is a `vc` already, as on a runner of one's own. */
function hasVc() {
  const directories = (process.env.PATH || '').split(delimiter);
  return directories.some((directory) => directory && existsSync(join(directory, 'vc')));
}

/** Installs a release for this job alone. */
function install(temporary) {
  const version = input('version');
  if (!version && hasVc()) {
    return;
  }
  const repository = process.env.GITHUB_ACTION_REPOSITORY || process.env.GITHUB_REPOSITORY;
  const server = process.env.GITHUB_SERVER_URL || 'https://github.com';
  const from = input('base-url') || `${server}/${repository}/releases`;
  const prefix = join(temporary, 'installed');
  const script = join(__dirname, '..', 'install.sh');
  const which = version ? ['--version', version] : [];
  run('sh', [script, '--prefix', prefix, '--base-url', from, ...which]);
  const bin = join(prefix, 'bin');
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
  appendFileSync(needed('GITHUB_PATH'), `${bin}\n`);
}

/** Puts the host's kubeconfig where only this job's user can read it. */
function takeHost(temporary) {
  const content = input('host-kubeconfig');
  if (!content) {
    return;
  }
  const file = join(temporary, 'kubeconfig');
  writeFileSync(file, `${content}\n`, { mode: 0o600 });
  tell('GITHUB_STATE', 'kubeconfig', file);
  tell('GITHUB_ENV', 'KUBECONFIG', file);
  process.env.KUBECONFIG = file;
}

function create() {
  // No other job has this, also when it is run again, or is one of a matrix.
  const job = `${process.env.GITHUB_RUN_ID || '0'}-${randomBytes(3).toString('hex')}`;
  const name = input('name') || `ci-${job}`;
  const namespace = input('namespace') || `vc-${name}`;
  // Known before the cluster is there, so that it goes whatever happens; by the label, so that a cluster of that
  // name which was there before does not.
  tell('GITHUB_STATE', 'namespace', namespace);
  tell('GITHUB_STATE', 'label', `github-job=${job}`);
  const options = input('options').split(/\s+/).filter(Boolean);
  const began = Date.now();
  run('vc', ['create', name, '-n', namespace, '--ttl', input('ttl'), '--label', `github-job=${job}`, ...options]);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  tell('GITHUB_OUTPUT', 'name', name);
  tell('GITHUB_OUTPUT', 'namespace', namespace);
  const { kubernetesVersion } = JSON.parse(output('vc', ['get', name, '-n', namespace, '-o', 'json']));
  const row = [`\`${name}\``, `\`${namespace}\``, kubernetesVersion, `${seconds} s`, input('ttl')];
  const head = ['virtual cluster', 'namespace of the host', 'Kubernetes', 'ready after', 'gone at the latest after'];
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  appendFileSync(needed('GITHUB_STEP_SUMMARY'), line(head) + line(head.map(() => '---')) + line(row));
}

step(() => {
  const temporary = mkdtempSync(join(needed('RUNNER_TEMP'), 'vc-'));
  chmodSync(temporary, 0o700);
  install(temporary);
  takeHost(temporary);
  if (input('create') !== 'false') {
    create();
  }
});
