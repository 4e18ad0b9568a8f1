// What the runner of a workflow is told, and what it tells: files, variables and lines of a fixed form.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions

'use strict';

const { appendFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { constants } = require('node:os');

/** An input of action.yml, which has a default for each. */
function input(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] || '').trim();
}

/** Writes `key=value` to one of the runner's files: GITHUB_ENV, GITHUB_OUTPUT, GITHUB_STATE. */
function tell(file, key, value) {
  if (/[\r\n]/.test(value)) {
    throw new Error(`cannot hand on \`${key}\`: its value has more than one line`);
  }
  appendFileSync(needed(file), `${key}=${value}\n`);
}

/** A variable that every runner sets. */
function needed(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`the variable ${name} is not set: this is run by a workflow`);
  }
  return value;
}

/** Runs a program whose output is the step's; an error says how it ended. */
function run(program, args) {
  const { error, status, signal } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) {
    throw new Error(`cannot run \`${program}\`: ${error.message}`);
  }
  if (status !== 0) {
    const how = signal ? `was ended by ${signal}` : `failed with exit code ${status}`;
    throw Object.assign(new Error(`\`${program} ${args[0]}\` ${how}`), { code: status ?? 128 + constants.signals[signal] });
  }
}

/** What a program prints, without the white space around it. */
function output(program, args) {
  const { error, status, stdout } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (error || status !== 0) {
    throw new Error(`\`${program} ${args.join(' ')}\` failed`);
  }
  return stdout.trim();
}

/** The whole of a step: an error becomes an annotation and the exit code. */
function step(body) {
  try {
    body();
  } catch (error) {
    const message = error.message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
    process.stdout.write(`::error title=vc::${message}\n`);
    process.exitCode = error.code || 1;
  }
}

module.exports = { input, needed, output, run, step, tell };
