// Drives JupyterLab like a reader of a notebook. test.sh starts it and sets the environment.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { chromium } = createRequire(process.env.RN_PLAYWRIGHT + path.sep)('playwright-core');

const NOTEBOOK = '04_channel_correlation.ipynb';
const SECOND = 1000;
const LIMIT = 220 * SECOND; // for the whole test

const folder = path.join(process.env.RN_REPO, 'build', 'browser'); // JupyterLab serves it; the screenshots go there
const token = randomBytes(24).toString('hex');
const mark = `RN_BROWSER_TEST=${token}`; // in the environment of every process that the test starts
const environment = { RN_NOTEBOOK_PROFILE: 'quick', ...process.env, RN_BROWSER_TEST: token };
delete environment.RN_NOTEBOOK_HEADLESS; // this reader moves controls

const began = Date.now();
function say(what) {
  console.log(`${((Date.now() - began) / SECOND).toFixed(1).padStart(6)} s  ${what}`);
}

// until calls probe every quarter of a second and returns its first truthy result. It fails after the given seconds.
async function until(what, seconds, probe) {
  for (const end = Date.now() + seconds * SECOND; Date.now() < end; await sleep(SECOND / 4)) {
    const got = await probe();
    if (got) return got;
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

// prepare fills the folder with a copy of the notebook, which JupyterLab may save, and a link to the results that
// cells read. It also writes settings that keep JupyterLab from asking whether it may fetch news.
async function prepare(scratch) {
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(path.join(folder, 'notebooks'), { recursive: true });
  await fs.copyFile(path.join(process.env.RN_NOTEBOOKS, NOTEBOOK), path.join(folder, 'notebooks', NOTEBOOK));
  await fs.mkdir(path.join(process.env.RN_REPO, 'out'), { recursive: true });
  await fs.symlink(path.join('..', '..', 'out'), path.join(folder, 'out'));
  const settings = path.join(scratch, 'settings', '@jupyterlab', 'apputils-extension');
  await fs.mkdir(settings, { recursive: true });
  await fs.writeFile(path.join(settings, 'notification.jupyterlab-settings'), '{"fetchNews": "false", "checkForUpdates": false}');
}

// startLab starts JupyterLab like `make lab`, on a free port, and returns its process and its address.
async function startLab(scratch) {
  const log = await fs.open(path.join(folder, 'lab.log'), 'w');
  const args = ['--no-browser', '--port', '0', `--IdentityProvider.token=${token}`, `--ServerApp.root_dir=${folder}`,
    `--LabApp.user_settings_dir=${path.join(scratch, 'settings')}`, `--LabApp.workspaces_dir=${path.join(scratch, 'workspaces')}`];
  if (os.userInfo().uid === 0) args.push('--allow-root');
  const lab = spawn(path.join(process.env.RN_NOTEBOOKS, 'lab.sh'), args, {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...environment, TMPDIR: scratch },
  });
  await log.close();
  const info = path.join(process.env.JUPYTER_RUNTIME_DIR, `jpserver-${lab.pid}.json`);
  const address = until('JupyterLab listens (its log: build/browser/lab.log)', 60, async () => {
    if (lab.exitCode !== null) throw new Error(`JupyterLab ended with status ${lab.exitCode}; its log: build/browser/lab.log`);
    const server = await fs.readFile(info, 'utf8').then(JSON.parse).catch(() => ({})); // missing or half-written
    return server.token === token && `http://127.0.0.1:${server.port}`;
  });
  return { lab, address };
}

async function openBrowser(scratch) {
  const context = await chromium.launchPersistentContext(path.join(scratch, 'profile'), {
    executablePath: process.env.CHROMIUM,
    env: environment,
    handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false, // end handles them
    viewport: { width: 1280, height: 1400 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  context.setDefaultTimeout(60 * SECOND);
  return context;
}

// drive opens the notebook, runs all cells, moves the first control, checks that its figure changes, and waits for
// the remaining cells.
async function drive(page, address) {
  await page.goto(`${address}/lab/tree/notebooks/${NOTEBOOK}?token=${token}`);
  await page.getByText(/^Go \(gonb\) \| (Idle|Unknown)$/).waitFor(); // JupyterLab may not know the kernel's state before the first cell
  say('the notebook is open and has a kernel');
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click();

  const control = page.locator('.rn-controls select, .rn-controls input[type=range]').first();
  const figure = page.locator('.rn-figure').first();
  await orFailedCell(page, figure.waitFor({ timeout: 150 * SECOND }));
  await control.evaluate((e) => e.scrollIntoView({ block: 'start' }));
  const before = await figure.innerHTML();
  await page.screenshot({ path: path.join(folder, 'before.png') });
  say('the figure of the first control appeared');

  const was = await control.inputValue();
  if ((await control.evaluate((e) => e.localName)) === 'select') {
    const options = await control.locator('option').count();
    await control.selectOption({ index: (Number(was) + 1) % options });
  } else {
    const { width, height } = await control.boundingBox();
    await control.click({ position: { x: 0.9 * width, y: height / 2 } });
  }
  await until(`the figure changes after the control moved from ${was} to ${await control.inputValue()}`, 30,
    async () => (await figure.innerHTML()) !== before);
  await page.screenshot({ path: path.join(folder, 'after.png') });
  say('the control moved and the figure changed: build/browser/after.png');

  await orFailedCell(page, until('the other cells end', 120, async () => {
    const button = page.locator('.rn-controls button').first();
    if (await button.isVisible()) await button.click({ timeout: SECOND }).catch(() => {}); // the cell may just have ended
    const prompts = await page.locator('.jp-CodeCell .jp-InputPrompt').allTextContents();
    return prompts.every((prompt) => /\[\d+\]/.test(prompt));
  }));
  await page.locator('.jp-CodeCell').last().evaluate((e) => e.scrollIntoView({ block: 'end' }));
  await page.screenshot({ path: path.join(folder, 'end.png') });
  say('all cells ran');
}

// FAILED matches the text that GoNB writes below a cell that does not compile or whose program fails.
const FAILED = /Cell\[\d+\]: Line \d+|panic: |exit status \d+|signal: /;

// orFailedCell waits for a step. If a cell fails meanwhile, it fails with the error of the cell.
async function orFailedCell(page, step) {
  const error = page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').filter({ hasText: FAILED }).first();
  const failed = error.waitFor({ state: 'attached', timeout: 0 }).then(async () => {
    throw new Error(`a cell failed: ${await error.innerText()}`);
  });
  failed.catch(() => {}); // the page may close first
  step.catch(() => {}); // the page closes if a cell fails
  await Promise.race([step, failed]);
  if (await error.count()) await failed;
}

// marked returns the running processes that the test started, with their commands. It works on Linux only.
async function marked() {
  const found = new Map();
  for (const pid of await fs.readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await fs.readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(mark)) continue;
    const command = await fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.set(Number(pid), command.replaceAll('\0', ' ').trim());
  }
  return found;
}

// stop ends JupyterLab, which ends its kernels. If a process remains, stop kills it and fails.
async function stop(lab) {
  if (lab.exitCode === null && lab.signalCode === null) lab.kill('SIGTERM');
  try {
    await until('JupyterLab and its kernels end', 20, async () => (lab.exitCode ?? lab.signalCode) !== null && (await marked()).size === 0);
  } catch (error) {
    const left = await marked();
    lab.kill('SIGKILL');
    for (const pid of left.keys()) process.kill(pid, 'SIGKILL');
    throw new Error([error.message, ...left.values()].join('\n  '));
  }
}

let lab, context, scratch;
async function cleanUp() {
  await context?.close().catch(() => {});
  try {
    if (lab) await stop(lab);
  } finally {
    if (scratch) await fs.rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function main() {
  scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'rn-browser-'));
  await prepare(scratch);
  const started = await startLab(scratch);
  lab = started.lab;
  const address = await started.address;
  say('JupyterLab listens');
  context = await openBrowser(scratch);
  const page = context.pages()[0] ?? (await context.newPage());
  try {
    await drive(page, address);
  } catch (error) {
    await page.screenshot({ path: path.join(folder, 'failure.png') }).catch(() => {});
    throw error;
  }
}

async function end(error) {
  if (end.begun) return;
  end.begun = true;
  try {
    await cleanUp();
  } catch (left) {
    error ??= left;
  }
  if (error) console.error(`browser test: ${error.message ?? error}`);
  else say('JupyterLab ended and left no process');
  process.exit(error ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(`stopped by ${signal}`));
setTimeout(() => end(`not done within ${LIMIT / SECOND} s`), LIMIT).unref();
main().then(() => end(), end);
