// Acting by hand. Everything goes through the same controls that tests use; names are only ever set as text.
const $ = (id) => document.getElementById(id);
const state = { guild: null, replyTo: null, editing: null, newest: null };

async function call(path, body) {
  const options = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`/sandbox/${path}`, options);
  const told = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(explain(told));
  return told;
}

function explain(told) {
  const reasons = [];
  (function walk(node, place) {
    for (const [key, value] of Object.entries(node ?? {})) {
      if (key === '_errors') reasons.push(...value.map((one) => `${place}: ${one.message}`));
      else if (value && typeof value === 'object') walk(value, place ? `${place}.${key}` : key);
    }
  })(told.errors, '');
  return `${told.message}${told.code ? ` (${told.code})` : ''}${reasons.length ? ` · ${reasons.join(' · ')}` : ''}`;
}

const act = (deed, fields = {}) => call('act', { as: $('person').value, do: deed, ...fields });

let silence;
function say(text, isBad = false) {
  const said = $('said');
  said.textContent = text;
  said.classList.toggle('bad', isBad);
  said.hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => { said.hidden = true; }, isBad ? 8000 : 3000);
}

// Runs a deed, tells its outcome, then shows what has become of the world.
async function attempt(words, deed) {
  try {
    const told = await deed();
    if (words) say(words);
    await refresh();
    return told;
  } catch (error) {
    say(error.message, true);
    return null;
  }
}

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const button = (text, onclick, className = '') => make('button', { type: 'button', textContent: text, onclick, className });
const nameOf = (user, nick) => nick || user.global_name || user.username;
const pictureOf = (user) => (user.avatar ? `/cdn/avatars/${user.id}/${user.avatar}.png` : '/cdn/embed/avatars/0.png');

function fill(select, choices, keep = select.value) {
  select.replaceChildren(...choices.map(([value, text]) => make('option', { value, textContent: text })));
  if (choices.some(([value]) => value === keep)) select.value = keep;
}

// Messages

function messageRow(message, place) {
  const mine = message.author.id === $('person').value;
  const body = make('div', { className: 'body' });
  const head = make('div', {}, make('span', { className: 'who', textContent: nameOf(message.author), dir: 'auto' }), ' ',
    make('span', { className: 'when', textContent: new Date(message.timestamp).toLocaleString() }),
    message.edited_timestamp ? make('span', { className: 'note', textContent: ' · edited' }) : null);
  body.append(head);
  if (message.referenced_message) body.append(make('div', { className: 'note', dir: 'auto', textContent: `↩ ${nameOf(message.referenced_message.author)}: ${message.referenced_message.content.slice(0, 80)}` }));
  if (message.content) body.append(make('div', { className: 'text', textContent: message.content, dir: 'auto' }));
  for (const file of message.attachments) {
    const isPicture = (file.content_type ?? '').startsWith('image/');
    const path = new URL(file.url).pathname + new URL(file.url).search;
    body.append(isPicture ? make('img', { src: path, alt: file.description ?? file.filename, loading: 'lazy' }) : make('a', { href: path, textContent: file.filename }));
  }
  for (const embed of message.embeds) {
    body.append(make('div', { className: 'embed' }, embed.title ? make('b', { textContent: embed.title, dir: 'auto' }) : null,
      make('div', { className: 'text', dir: 'auto', textContent: embed.description ?? '' }),
      ...(embed.fields ?? []).map((field) => make('div', { dir: 'auto', textContent: `${field.name}: ${field.value}` }))));
  }
  const isWhispered = Boolean(message.flags & 64);
  body.append(...(isWhispered ? [] : [deedsOf(message, place, mine)]), ...components(message, place));
  return make('li', { className: 'message' }, make('img', { src: pictureOf(message.author), alt: '', width: 36, height: 36, loading: 'lazy' }), body);
}

function deedsOf(message, place, mine) {
  const deeds = make('div', { className: 'deeds' });
  for (const reaction of message.reactions ?? []) {
    const written = reaction.emoji.id ? `${reaction.emoji.name}:${reaction.emoji.id}` : reaction.emoji.name;
    const deed = reaction.me ? 'reaction.remove' : 'reaction.add';
    deeds.append(button(`${reaction.emoji.name} ${reaction.count}`, () => attempt('', () => act(deed, { ...place, emoji: written })), reaction.me ? 'mine' : ''));
  }
  deeds.append(
    button('❄️', () => attempt('', () => act('reaction.add', { ...place, emoji: '❄️' }))),
    button('Reply', () => begin({ replyTo: message })),
    mine ? button('Edit', () => begin({ editing: message })) : '',
    button('Delete', () => attempt('Deleted.', () => act('message.delete', { ...place, reason: $('reason').value || undefined }))),
  );
  return deeds;
}

function components(message, place) {
  const rows = [];
  const use = (component, values) => attempt('', async () => showAnswer(await act('interaction.component', { ...place, custom_id: component.custom_id, values })));
  (function walk(list) {
    for (const component of list ?? []) {
      if (component.type === 2 && component.custom_id) rows.push(button(component.label ?? '…', () => use(component)));
      else if (component.type === 3) {
        const select = make('select', { ariaLabel: component.placeholder ?? 'Choose', onchange: () => use(component, [select.value]) });
        fill(select, [['', component.placeholder ?? 'Choose'], ...component.options.map((one) => [one.value, one.label])]);
        rows.push(select);
      } else if (component.type === 10) rows.push(make('div', { className: 'text', textContent: component.content, dir: 'auto' }));
      walk(component.components);
      if (component.accessory) walk([component.accessory]);
    }
  })(message.components);
  return rows.length ? [make('div', { className: 'deeds' }, ...rows)] : [];
}

function begin({ replyTo = null, editing = null }) {
  Object.assign(state, { replyTo, editing });
  const note = $('answering');
  note.hidden = !replyTo && !editing;
  note.firstElementChild.textContent = editing ? 'Editing a message.' : replyTo ? `Answering ${nameOf(replyTo.author)}.` : '';
  const box = $('write').content;
  if (editing) box.value = editing.content;
  if (replyTo || editing) box.focus();
}

async function showMessages() {
  const channel = $('channel').value;
  const list = $('messages');
  if (!channel) return list.replaceChildren(make('li', { className: 'note', textContent: 'No channel here.' }));
  let messages;
  try {
    messages = await act('message.list', { channel_id: channel, limit: 50 });
  } catch (error) {
    state.newest = null;
    return list.replaceChildren(make('li', { className: 'note', textContent: `This person sees nothing here: ${error.message}` }));
  }
  const print = JSON.stringify([channel, $('person').value, messages.map((one) => [one.id, one.edited_timestamp, one.reactions, one.components, one.content])]);
  if (print === state.newest) return undefined;
  state.newest = print;
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.replaceChildren(...messages.reverse().map((one) => messageRow(one, { channel_id: channel, message_id: one.id })));
  if (isAtEnd || list.dataset.channel !== channel) list.scrollTop = list.scrollHeight;
  list.dataset.channel = channel;
  return undefined;
}

// People

function showPeople() {
  const wanted = $('find').value.toLowerCase();
  const named = state.guild.members.filter((one) => [one.nick, one.user.global_name, one.user.username].some((name) => name?.toLowerCase().includes(wanted)));
  const roles = new Map(state.guild.roles.map((role) => [role.id, role.name]));
  const guild_id = state.guild.id;
  $('members').replaceChildren(...named.slice(0, 60).map((one) => {
    const place = () => ({ guild_id, user_id: one.user.id, reason: $('reason').value || undefined });
    const isOut = one.communication_disabled_until && new Date(one.communication_disabled_until) > new Date();
    const seconds = () => (isOut ? 0 : Number($('seconds').value));
    return make('li', {}, make('span', {}, make('span', { className: 'who', textContent: nameOf(one.user, one.nick), dir: 'auto' }),
      make('span', { className: 'note', dir: 'auto', textContent: ` @${one.user.username} ${one.roles.map((id) => roles.get(id)).join(', ')}${isOut ? ' · timed out' : ''}` })),
    make('div', { className: 'deeds' },
      button(isOut ? 'End timeout' : 'Time out', () => attempt('Done.', () => act('timeout', { ...place(), seconds: seconds() }))),
      button('Kick', () => attempt('Kicked.', () => act('kick', place()))),
      button('Ban', () => attempt('Banned.', () => act('ban', place())))));
  }));
  if (named.length > 60) $('members').append(make('li', { className: 'note', textContent: `${named.length - 60} more: find them by name.` }));
  $('bans').replaceChildren(...state.guild.bans.map((ban) => make('li', {}, make('span', { dir: 'auto', textContent: `${nameOf(ban.user)}${ban.reason ? ` · ${ban.reason}` : ''}` }),
    make('div', { className: 'deeds' }, button('Unban', () => attempt('Unbanned.', () => act('unban', { guild_id, user_id: ban.user.id })))))));
  if (!state.guild.bans.length) $('bans').append(make('li', { className: 'note', textContent: 'Nobody.' }));
}

// Commands

let commands = [];

function leaves(command) {
  const found = [];
  (function walk(name, options) {
    const nested = (options ?? []).filter((one) => one.type <= 2);
    if (!nested.length) found.push({ name, type: command.type, options: options ?? [] });
    for (const one of nested) walk(`${name} ${one.name}`, one.options);
  })(command.name, command.options);
  return found;
}

function optionField(option) {
  const people = state.guild.members.map((one) => [one.user.id, `${nameOf(one.user, one.nick)} @${one.user.username}`]);
  const roles = state.guild.roles.map((role) => [role.id, role.name]);
  const lists = { 6: people, 7: state.guild.channels.map((one) => [one.id, one.name]), 8: roles, 9: [...people, ...roles] };
  const choices = option.choices?.map((one) => [String(one.value), one.name]) ?? lists[option.type];
  let input;
  if (choices) {
    input = make('select');
    fill(input, [...(option.required ? [] : [['', '—']]), ...choices]);
  } else if (option.type === 5) input = make('input', { type: 'checkbox' });
  else input = make('input', { type: option.type === 3 ? 'text' : 'number', step: option.type === 10 ? 'any' : '1', required: Boolean(option.required) });
  input.name = option.name;
  if (option.autocomplete) complete(input, option);
  return make('label', {}, make('span', { textContent: `${option.name}${option.required ? '' : ' (optional)'} — ${option.description}` }), input);
}

function complete(input, option) {
  const list = make('datalist', { id: `choices-${option.name}` });
  input.type = 'text';
  input.setAttribute('list', list.id);
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const options = { ...given(), [option.name]: input.value };
      try {
        const told = await act('interaction.autocomplete', { channel_id: $('channel').value, name: chosen().name, options, focused: option.name });
        list.replaceChildren(...(told.choices ?? []).map((one) => make('option', { value: one.value, label: one.name })));
      } catch (error) { say(error.message, true); }
    }, 250);
  });
  input.after(list);
  queueMicrotask(() => input.after(list));
}

const chosen = () => commands[Number($('command').value)];

function given() {
  const options = {};
  for (const option of chosen()?.options ?? []) {
    const input = $('run').elements[option.name];
    if (option.type === 5) options[option.name] = input.checked;
    else if (input.value !== '') options[option.name] = option.type === 4 || option.type === 10 ? Number(input.value) : input.value;
  }
  return options;
}

function showCommandForm() {
  const command = chosen();
  if (!command) return $('run').replaceChildren(make('p', { className: 'quiet', textContent: 'The bot has registered no commands that can be found here.' }));
  const fields = command.type === 1 ? command.options.map(optionField)
    : [command.type === 2 ? optionField({ name: 'target', type: 6, description: 'whom', required: true }) : make('label', {}, make('span', { textContent: 'target — the message’s id' }), make('input', { name: 'target', required: true }))];
  return $('run').replaceChildren(...fields, make('button', { type: 'submit', className: 'main', textContent: 'Run' }));
}

function showAnswer(told) {
  const answer = $('answer');
  const notes = [!told.answered && 'The application did not respond.', told.thinking && 'Still thinking…', told.ephemeral && 'Only this person sees the answer.'].filter(Boolean);
  answer.replaceChildren(...notes.map((text) => make('p', { className: 'quiet', textContent: text })));
  for (const message of [told.message, ...(told.followups ?? [])].filter(Boolean)) {
    answer.append(make('ul', { className: 'people' }, messageRow(message, { channel_id: message.channel_id, message_id: message.id })));
  }
  if (told.modal) showForm(told.modal);
}

function showForm(modal) {
  const inputs = modal.components.flatMap((row) => row.components ?? (row.component ? [{ ...row.component, label: row.label }] : []));
  const form = $('form').firstElementChild;
  const fields = inputs.map((one) => make('label', {}, make('span', { textContent: one.label ?? one.custom_id }), make(one.style === 2 ? 'textarea' : 'input', { name: one.custom_id, value: one.value ?? '', required: one.required ?? true })));
  form.replaceChildren(make('h2', { textContent: modal.title }), ...fields,
    make('div', { className: 'row actions' }, button('Cancel', () => $('form').close(), 'plain'), make('button', { type: 'submit', className: 'main', textContent: 'Submit' })));
  form.onsubmit = () => {
    const values = Object.fromEntries(new FormData(form));
    attempt('', async () => showAnswer(await act('interaction.modal', { channel_id: $('channel').value, fields: values })));
  };
  $('form').showModal();
}

// Machine

function showMachine(gateway, clock, faults) {
  const pill = $('gateway');
  pill.textContent = gateway.connected ? `bot connected${gateway.connected > 1 ? ` × ${gateway.connected}` : ''}` : 'no bot connected';
  pill.classList.toggle('on', gateway.connected > 0);
  const limit = gateway.session_start_limit;
  const facts = { Sessions: gateway.sessions.map((one) => `shard ${one.shard[0]} of ${one.shard[1]}, ${one.seq} events`).join(' · ') || 'none', 'Session starts left': `${limit.remaining} of ${limit.total}`,
    'Identified, resumed': `${gateway.identifies}, ${gateway.resumes}`, 'Replayed, lost events': `${gateway.replayed_events}, ${gateway.dropped_events}`, 'Refusals ordered': Object.entries(gateway.refusals).map(([kind, count]) => `${kind} × ${count ?? '∞'}`).join(', ') || 'none' };
  $('sessions').replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: value })]));
  $('clock').textContent = `${new Date(clock.now).toLocaleString()}${clock.frozen ? ', frozen' : ''}`;
  $('freeze').textContent = clock.frozen ? 'Let it run' : 'Freeze';
  $('freeze').dataset.frozen = clock.frozen;
  $('faults').replaceChildren(...faults.map((one) => make('li', { textContent: `${one.route} → ${one.status ?? 'slow'} × ${one.count ?? '∞'}` })));
}

async function refresh() {
  const id = $('guild').value;
  const [guild, usable, gateway, clock, faults] = await Promise.all([call(`state/${id}`), call(`commands/${id}`), call('gateway'), call('clock'), call('faults')]);
  const isOther = state.guild?.id !== guild.id;
  const hasNewPeople = isOther || JSON.stringify([state.guild.members, state.guild.bans]) !== JSON.stringify([guild.members, guild.bans]);
  state.guild = guild;
  const places = [...guild.channels.filter((one) => [0, 2, 5].includes(one.type)), ...guild.threads];
  fill($('channel'), places.map((one) => [one.id, `${one.parent_id && guild.threads.includes(one) ? '↳ ' : '#'}${one.name}`]));
  const found = usable.flatMap(leaves);
  if (hasNewPeople) showPeople();
  if (isOther || JSON.stringify(found) !== JSON.stringify(commands)) {
    commands = found;
    fill($('command'), commands.map((one, place) => [String(place), one.type === 1 ? `/${one.name}` : `${one.name} (${one.type === 2 ? 'on a person' : 'on a message'})`]));
    showCommandForm();
  }
  showMachine(gateway, clock, faults);
  await showMessages();
}

function show(tab) {
  document.body.dataset.tab = tab;
  for (const one of document.querySelectorAll('[data-show]')) one.setAttribute('aria-pressed', String(one.dataset.show === tab));
  if (tab === 'talk') return;
  for (const side of document.querySelectorAll('.side')) side.hidden = side.id !== tab;
}

function listen() {
  const guild_id = () => $('guild').value;
  const submit = (id, deed) => $(id).addEventListener('submit', (event) => { event.preventDefault(); deed(Object.fromEntries(new FormData(event.target)), event.target); });
  for (const one of document.querySelectorAll('[data-show]')) one.onclick = () => show(one.dataset.show);
  for (const one of document.querySelectorAll('[data-cut]')) one.onclick = () => attempt('Cut.', () => call('gateway/cut', { how: one.dataset.cut }));
  for (const one of document.querySelectorAll('[data-advance]')) one.onclick = () => attempt('', () => call('clock', { advance: Number(one.dataset.advance) }));
  const deeds = { join: ['member.join', 'Joined.'], leave: ['member.leave', 'Left.'], install: ['bot.install', 'The bot is here.'] };
  for (const [name, [deed, words]] of Object.entries(deeds)) document.querySelector(`[data-act=${name}]`).onclick = () => attempt(words, () => act(deed, { guild_id: guild_id() }));
  document.querySelector('[data-act=remove]').onclick = () => attempt('The bot is gone.', () => call('bot/remove', { guild_id: guild_id() }));
  $('freeze').onclick = () => attempt('', () => call('clock', { freeze: $('freeze').dataset.frozen !== 'true' }));
  $('clear').onclick = () => attempt('Everything behaves.', async () => { await call('faults/clear', {}); await call('gateway/refuse', { kind: 'nothing' }); });
  $('answering').lastElementChild.onclick = () => { $('write').reset(); begin({}); };
  for (const id of ['guild', 'person', 'channel']) $(id).onchange = () => attempt('', async () => { begin({}); await refresh(); });
  $('find').oninput = showPeople;
  $('command').onchange = showCommandForm;
  $('write').content.onkeydown = (event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); $('write').requestSubmit(); } };
  submit('write', async ({ content }, form) => {
    const place = { channel_id: $('channel').value };
    const deed = state.editing ? () => act('message.edit', { ...place, message_id: state.editing.id, content })
      : () => act('message.create', { ...place, content, message_reference: state.replyTo ? { message_id: state.replyTo.id } : undefined });
    if (await attempt('', deed)) { form.reset(); begin({}); $('messages').scrollTop = $('messages').scrollHeight; }
  });
  submit('run', (fields) => attempt('', async () => showAnswer(await act('interaction.command', { channel_id: $('channel').value, name: chosen().name, options: chosen().type === 1 ? given() : {}, target: fields.target }))));
  submit('drop', ({ next }) => attempt('They will be lost.', () => call('gateway/drop', { next: Number(next) })));
  submit('refuse', ({ kind, count }) => attempt('Ordered.', () => call('gateway/refuse', { kind, count: Number(count) })));
  submit('fault', ({ route, status, count }) => attempt('Ordered.', () => call('faults', { route, status: Number(status), count: Number(count) })));
}

async function start() {
  const [guilds, people] = await Promise.all([call('guilds'), call('people')]);
  fill($('guild'), guilds.map((one) => [one.id, one.name]));
  fill($('person'), people.map((one) => [one.id, `${one.name} @${one.username}`]));
  show(matchMedia('(max-width: 56rem)').matches ? 'talk' : 'people');
  listen();
  await refresh();
  setInterval(() => { if (!document.hidden && !$('form').open) refresh().catch((error) => say(error.message, true)); }, 2000);
}

start().catch((error) => say(error.message, true));
