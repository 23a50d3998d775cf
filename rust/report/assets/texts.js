'use strict';

const PAGE = 100;
const PRINTED = 1000;
const SEARCHED = 10;
const DRAWN = 40;
const OFFERED = 20;
const PAUSE = 150;
const { texts, trails, tags, tables } = JSON.parse(document.getElementById('data').textContent);
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const counted = (number) => number.toLocaleString('en-US');
const debounced = (action) => {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(action, PAUSE); };
};
const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) { made.className = className; }
  if (text !== undefined) { made.textContent = text; }
  return made;
};
const named = (name) => tags[name] || [name, 'plain'];
/** The groups of a trail; the person at its end stands in another column. */
const groupsOf = (trail) => trails[trail].slice(0, -1);
const trailText = (trail) => (trails[trail].length === 1 ? 'directly' : groupsOf(trail).map((step) => texts[step]).join(' › '));

let lower;
/** Which texts hold a word: 1 at the number of each. */
const holding = (word) => {
  // Tags are found by the words that are shown.
  lower = lower || texts.map((text) => (tags[text] ? tags[text][0] : text).toLowerCase());
  const found = new Uint8Array(texts.length);
  for (let number = 0; number < lower.length; number += 1) { if (lower[number].includes(word)) { found[number] = 1; } }
  return found;
};
