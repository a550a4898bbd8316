// Plays machines and events in XState and says, after every event, where the machine is and what it did.
// node judge.cjs CASES RESULTS, both JSON; a case is {machine, events}, an event {type, …} or {tick: milliseconds}.
'use strict';
const fs = require('fs');
const { createMachine, createActor, assign, raise, cancel, and, or, not, stateIn, SimulatedClock, fromCallback } = require('xstate');

const compare = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => typeof a === typeof b && a < b,
  le: (a, b) => typeof a === typeof b && a <= b,
  gt: (a, b) => typeof a === typeof b && a > b,
  ge: (a, b) => typeof a === typeof b && a >= b,
  in: (a, list) => list.includes(a),
};

// Guards and actions that documents have as data, as XState has them in code.
function guard(data) {
  if (typeof data === 'string') return data;
  switch (data.type) {
    case 'and': return and(data.guards.map(guard));
    case 'or': return or(data.guards.map(guard));
    case 'not': return not(guard(data.guard));
    case 'stateIn': return stateIn(data.state);
  }
  if ('path' in data) {
    return ({ context }) => compare[data.type](context[data.path], data.value);
  }
  return data;
}

function action(data) {
  if (typeof data === 'string') return data;
  if (data.type === 'raise') {
    const event = typeof data.event === 'string' ? { type: data.event } : data.event;
    return 'delay' in data ? raise(event, { delay: data.delay, id: data.id }) : raise(event);
  }
  if (data.type === 'assign') return assign(data.assignment);
  if (data.type === 'cancel') return cancel(data.id);
  return data;
}

const list = (value) => (Array.isArray(value) ? value : [value]);

function transition(data) {
  if (typeof data === 'string') return { target: data };
  const made = { ...data };
  if ('guard' in data) made.guard = guard(data.guard);
  if ('actions' in data) made.actions = list(data.actions).map(action);
  return made;
}

function state(data) {
  const made = { ...data };
  for (const key of ['entry', 'exit']) if (key in data) made[key] = list(data[key]).map(action);
  for (const key of ['on', 'after']) {
    if (!(key in data)) continue;
    made[key] = {};
    for (const [name, value] of Object.entries(data[key])) made[key][name] = list(value).map(transition);
  }
  for (const key of ['always', 'onDone']) if (key in data) made[key] = list(data[key]).map(transition);
  if ('invoke' in data) {
    made.invoke = list(data.invoke).map((invoke) => {
      const own = { ...invoke };
      for (const key of ['onDone', 'onError']) if (key in invoke) own[key] = list(invoke[key]).map(transition);
      return own;
    });
  }
  if ('initial' in data && typeof data.initial === 'object') {
    made.initial = { ...data.initial, actions: list(data.initial.actions || []).map(action) };
  }
  if ('states' in data) {
    made.states = {};
    for (const [key, value] of Object.entries(data.states)) made.states[key] = state(value);
  }
  return made;
}

function play({ machine: document, events }) {
  let log = [];
  const tell = (name) => (_, params) => log.push(params === undefined ? name : `${name} ${JSON.stringify(params)}`);
  const actions = { inc: assign({ n: ({ context }) => context.n + 1 }) };
  for (let i = 0; i < 12; i++) actions[`a${i}`] = tell(`a${i}`);
  const machine = createMachine({ ...state(document), options: { maxIterations: 300 } }, {
    actions,
    guards: {
      even: ({ context }) => context.n % 2 === 0,
      big: ({ context }) => context.n > 3,
      least: ({ context }, params) => context.n >= params.n,
      one: ({ event }) => event.v === 1,
      never: () => false,
    },
    actors: { work: fromCallback(() => {}) },
    delays: { soon: 50 },
  });
  const clock = new SimulatedClock();
  const actor = createActor(machine, { clock });
  const results = [];
  actor.subscribe({ error: () => {} });
  const note = () => {
    const now = actor.getSnapshot();
    const loops = now.status === 'error' && String(now.error && now.error.message).startsWith('Infinite loop');
    results.push(loops ? { status: 'loop' } : {
      value: now.value, status: now.status, context: now.context, output: now.output === undefined ? null : now.output, log,
    });
    log = [];
    return !loops;
  };
  actor.start();
  let going = note();
  for (const event of events) {
    if (!going) break;
    if ('tick' in event) clock.increment(event.tick);
    else actor.send(event);
    going = note();
  }
  return results;
}

const cases = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const results = cases.map((one, place) => {
  try {
    return play(one);
  } catch (error) {
    throw new Error(`case ${place}: ${error.stack}\n${JSON.stringify(one.machine)}`);
  }
});
fs.writeFileSync(process.argv[3], JSON.stringify(results));
