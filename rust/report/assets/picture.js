/** Mailboxes to the left, groups between, people to the right. */
class Picture {
  constructor(table) {
    const at = (kind) => table.cells[table.kinds.indexOf(kind)];
    Object.assign(this, { people: at('person'), mailboxes: at('mailbox'), ways: at('trail'), outcomes: at('tag') });
    // What happened is a column of changes only; of a delegation it is the right.
    this.what = table.cells[table.id === 'changes' ? 1 : 3];
    this.isChange = table.id === 'changes';
    this.section = document.getElementById('picture');
    this.drawing = document.getElementById('picture-drawing');
    this.name = document.getElementById('picture-name');
    this.back = document.getElementById('picture-back');
    this.rows = { mailbox: this.index(this.mailboxes), person: this.index(this.people) };
    this.wire();
  }

  index(cells) {
    const rows = new Map();
    cells.forEach((text, row) => { if (texts[text] !== '') { (rows.get(text) || rows.set(text, []).get(text)).push(row); } });
    return rows;
  }

  wire() {
    this.section.hidden = false;
    const list = document.getElementById('picture-names');
    this.name.addEventListener('input', debounced(() => {
      const wanted = this.name.value.toLowerCase();
      const offered = [];
      for (const kind of ['mailbox', 'person']) {
        for (const text of this.rows[kind].keys()) {
          if (offered.length < OFFERED && texts[text].toLowerCase().includes(wanted)) { offered.push([kind, text]); }
        }
      }
      list.replaceChildren(...offered.map(([, text]) => { const option = element('option'); option.value = texts[text]; return option; }));
      const exact = offered.find(([, text]) => texts[text].toLowerCase() === wanted);
      if (exact) { this.draw(...exact); }
    }));
    this.name.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') { return; }
      const wanted = this.name.value.toLowerCase();
      for (const kind of ['mailbox', 'person']) {
        for (const text of this.rows[kind].keys()) { if (texts[text].toLowerCase().includes(wanted)) { this.draw(kind, text); return; } }
      }
      document.getElementById('picture-told').textContent = 'Nobody and nothing of this name.';
    });
    this.back.addEventListener('click', () => { this.from.focus(); this.from.scrollIntoView({ block: 'center' }); });
    document.getElementById('picture-text').addEventListener('click', (event) => {
      const button = event.target.closest('button.name');
      if (button) { this.choose(button.dataset.kind, Number(button.dataset.text)); }
    });
    this.drawing.addEventListener('click', (event) => {
      const node = event.target.closest('.pick');
      if (node) { this.choose(node.dataset.kind, Number(node.dataset.text)); }
    });
  }

  has(kind, text) { return Boolean(this.rows[kind]?.has(text)); }

  /** A mailbox with groups that fits well: what the picture shows before somebody chooses. */
  suggest() {
    let best = null;
    let most = -1;
    for (const [text, rows] of this.rows.mailbox) {
      const deepest = rows.slice(0, DRAWN).reduce((deep, row) => Math.max(deep, trails[this.ways[row]].length), 0);
      const worth = 10 * Math.min(deepest, 4) - Math.abs(rows.length - 6);
      if (best === null || worth > most) { [best, most] = [text, worth]; }
    }
    if (best !== null) { this.draw('mailbox', best); }
  }

  choose(kind, text, from) {
    this.draw(kind, text);
    if (from) { this.from = from; }
    this.back.hidden = !this.from?.isConnected;
    const title = document.getElementById('picture-title');
    title.focus({ preventScroll: true });
    this.section.scrollIntoView();
  }

  draw(kind, text) {
    const all = this.rows[kind].get(text);
    const rows = all.slice(0, DRAWN);
    this.name.value = texts[text];
    const other = kind === 'mailbox' ? 'people' : 'mailboxes';
    document.getElementById('picture-told').textContent = `${texts[text]}: ${counted(all.length)} ${all.length === 1 ? 'line' : 'lines'}${all.length > rows.length ? `, the first ${rows.length} are drawn` : ''}.`;
    const graph = this.graph(kind, text, rows);
    this.drawing.replaceChildren(render(graph, `${texts[text]}, the ${other} connected with it, and the groups between. The same stands below as text.`, this.drawing.clientWidth));
    this.drawing.scrollTop = 0;
    const list = document.querySelector('#picture-text ul');
    list.replaceChildren(...rows.map((row) => this.line(kind, row)));
  }

  told(row) {
    const [outcome, tone] = named(texts[this.outcomes[row]]);
    const what = texts[this.what[row]];
    return this.isChange ? [`${what} · ${outcome}`, tone, /removed/i.test(what)] : [what, tone === 'caution' ? 'caution' : 'plain', false];
  }

  line(kind, row) {
    const [end, text] = kind === 'mailbox' ? ['person', this.people[row]] : ['mailbox', this.mailboxes[row]];
    const item = element('li');
    const button = element('button', 'name', texts[text] || 'no name');
    button.type = 'button';
    button.dataset.kind = end;
    button.dataset.text = text;
    if (this.has(end, text)) { item.append(button); } else { item.append(texts[text]); }
    const groups = groupsOf(this.ways[row]).map((step) => texts[step]);
    item.append(`: ${this.told(row)[0]}${groups.length ? `, by way of ${groups.join(' › ')}` : ''}`);
    return item;
  }

  /** Nodes with their column, and edges between them. */
  graph(kind, chosen, rows) {
    const nodes = new Map();
    const edges = new Map();
    const node = (key, label, type, depth, text) => {
      const made = nodes.get(key) || { key, label, type, text, depth, told: [], chosen: false };
      made.depth = Math.max(made.depth, depth);
      nodes.set(key, made);
      return made;
    };
    let deepest = 1;
    for (const row of rows) {
      const [told, tone, lost] = this.told(row);
      const mailbox = node(`m${this.mailboxes[row]}`, texts[this.mailboxes[row]] || 'no mailbox', 'mailbox', 0, this.mailboxes[row]);
      const groups = groupsOf(this.ways[row]).map((step, at) => node(`g${step}`, texts[step], 'group', at + 1));
      const person = node(`p${this.people[row]}`, texts[this.people[row]], 'person', 0, this.people[row]);
      (kind === 'mailbox' ? mailbox : person).chosen = true;
      const end = kind === 'mailbox' ? person : mailbox;
      end.told.push([told, tone]);
      deepest = Math.max(deepest, groups.length + 1);
      const way = [mailbox, ...groups, person];
      for (let at = 1; at < way.length; at += 1) {
        const key = `${way[at - 1].key} ${way[at].key}`;
        edges.set(key, { from: way[at - 1], to: way[at], lost: lost && (edges.get(key)?.lost ?? true) });
      }
    }
    for (const each of nodes.values()) { if (each.type === 'person') { each.depth = deepest; } }
    return { nodes: [...nodes.values()], edges: [...edges.values()].map(through), deepest };
  }
}
