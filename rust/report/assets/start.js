const connected = tables.find(({ id, cells }) => (id === 'changes' || id === 'delegations') && cells[0].length > 0);
const picture = connected && new Picture(connected);
const all = tables.map((table) => new Table(table)).filter((table) => table.count > 0);
picture?.suggest();
addEventListener('beforeprint', () => all.forEach((table) => {
  table.screen = table.page;
  table.page = 0;
  table.render(PRINTED);
}));
addEventListener('afterprint', () => all.forEach((table) => { table.page = table.screen; table.render(); }));
