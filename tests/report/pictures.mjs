// Takes the pictures of the README from the report of its transcript (README, "Try it by hand"), which lies in target/lab afterwards.
// node pictures.mjs REPORT CHROMIUM FOLDER       for example ../../target/lab/run.html /usr/bin/chromium ../../docs/images
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [report, executablePath, folder] = process.argv.slice(2);
const MAILBOX = 'Purchasing';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function picture(name, colorScheme, action) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 930 }, colorScheme });
  await page.goto(pathToFileURL(resolve(report)).href);
  await action(page);
  await page.evaluate(() => document.activeElement.blur());
  await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  await page.close();
}

/** The top of the page, down to the picture of a mailbox with three groups between. */
async function top(page) {
  await page.fill('#picture-name', MAILBOX);
  await page.keyboard.press('Enter');
  await page.waitForFunction((name) => document.querySelector('#picture svg')?.getAttribute('aria-label').startsWith(name), MAILBOX);
  await page.evaluate(() => scrollTo(0, 0));
}

/** Each change with its reason and the groups between. */
async function changes(page) {
  await page.fill('#changes .search', 'purchasing');
  await page.waitForFunction(() => document.querySelector('#changes .told').textContent.includes('found'));
  await page.setViewportSize({ width: 1460, height: 470 });
  await page.evaluate(() => document.querySelector('#changes').scrollIntoView());
}

await picture('report', 'light', top);
await picture('report', 'dark', top);
await picture('changes', 'light', changes);
await browser.close();
