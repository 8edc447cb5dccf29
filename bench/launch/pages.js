/** Everything that a list of API Gateway holds; `ask` makes the command for the page at a position. */
export async function pages({ clients: { gateway } }, ask) {
  const all = [];
  for (let position; ; ) {
    const page = await gateway.send(ask(position));
    all.push(...(page.items ?? []));
    if (!page.position) return all;
    position = page.position;
  }
}
