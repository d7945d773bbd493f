// A prebuilt extension of JupyterLab, written by hand: no build step, nothing bundled. Only `runbook open` loads it.
//
// 1. A notebook of ours (metadata inbound_runbook: true, code as it is shipped, and where the workspace keeps it) is run once from top to bottom
//    when it is in front and its kernel is idle; after the page was loaded anew or the kernel died, once more. One that somebody put elsewhere
//    is a saved one: what it shows is kept. Nothing is selected, focused or scrolled by that. It is saved whenever it changes, so that nothing
//    asks about it when it is closed.
// 2. It is held by the tab of the browser that ran it last: that one alone saves and runs it. Any other that has it open says so over it, until
//    somebody goes on there.
// 3. The side bars are out of the way when a tab of the browser is opened; View > Appearance brings them back.
// 4. Folded code of ours takes no room; View > Expand All Code shows it.
// 5. Single keys do nothing in it outside of a field: an x would cut a card, an a make a cell, 0 0 end the kernel. Menus and keys with Ctrl do.
// 6. window.inboundRunbook.open(path, shown) opens another notebook in the same window, and scrolls to what a selector finds in it; head(titles) gives the one in front other headings, by the id
//    of their cells; again(titles) also runs it once more.
'use strict';

(() => {
  const NAME = 'inbound-runbook';
  const MARK = 'inbound_runbook';
  const BUSY = `${NAME}-busy`;
  const ELSEWHERE = `${NAME}-elsewhere`;
  const HEADING = /^(#+ (?:\d+ )?)(.*)/;
  const SAVE_MS = 3000;
  const OF_ALL = ['start_here.ipynb', 'troubleshooting.ipynb'];
  const STYLE = `
    .${NAME} .jp-CodeCell > .jp-Cell-inputWrapper:has(.jp-Placeholder) { display: none; }
    .${ELSEWHERE} > [role=alertdialog] {
      position: absolute; inset: 0; z-index: 10; overflow: auto; box-sizing: border-box; padding: 24px;
      display: flex; flex-direction: column; align-items: center; justify-content: safe center; gap: 12px; text-align: center;
      background: var(--jp-layout-color1); color: var(--jp-ui-font-color1); font: var(--jp-content-font-size1)/1.6 var(--jp-ui-font-family);
    }
    .${ELSEWHERE} > [role=alertdialog] > * { margin: 0; }
    .${ELSEWHERE} > [role=alertdialog] > button {
      margin-top: 12px; padding: 8px 20px; border: 0; border-radius: 4px; font: inherit; font-weight: 600; cursor: pointer;
      background: var(--jp-brand-color1); color: var(--jp-ui-inverse-font-color0);
    }
    .${ELSEWHERE} > [role=alertdialog] > button:focus-visible { outline: 2px solid var(--jp-ui-font-color1); outline-offset: 2px; }
  `;

  const warn = reason => console.warn(`${NAME}: ${reason}`);

  // What `runbook open` lets the page know.
  const told = key => JSON.parse(document.getElementById('jupyter-config-data').textContent)[key] ?? [];

  // Resolves with true once the panel is in front, ready and its kernel idle, with false when it was closed before.
  const ready = (app, panel) =>
    new Promise(resolve => {
      const session = panel.sessionContext;
      const end = answer => {
        app.shell.currentChanged.disconnect(look);
        session.statusChanged.disconnect(look);
        panel.disposed.disconnect(closed);
        resolve(answer);
      };
      const look = () => {
        if (app.shell.currentWidget === panel && session.session?.kernel?.status === 'idle') {
          end(true);
        }
      };
      const closed = () => end(false);
      app.shell.currentChanged.connect(look);
      session.statusChanged.connect(look);
      panel.disposed.connect(closed);
      look();
    });

  // One cell after the other, as JupyterLab itself runs a cell; the first that fails is the last, and none comes once another tab goes on.
  const runAll = async (executor, panel) => {
    const ignore = () => {};
    for (const cell of [...panel.content.widgets]) {
      if (panel.isDisposed || cell.isDisposed || panel.hasClass(ELSEWHERE)) {
        return;
      }
      // It is rejected where the cell failed; the cell's output says why.
      const went = await executor
        .runCell({
          cell,
          notebook: panel.content.model,
          notebookConfig: panel.content.notebookConfig,
          onCellExecuted: ignore,
          onCellExecutionScheduled: ignore,
          sessionContext: panel.sessionContext
        })
        .catch(() => false);
      if (!went) {
        return;
      }
    }
  };

  // A customer's notebook is in the customer's folder, which has one for exports; only there does it know whose it is.
  const isAtHome = async (app, path) => {
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    const get = () => app.serviceManager.contents.get(`${folder}/exports`, { content: false });
    return OF_ALL.includes(path) || (folder !== '' && get().then(() => true, () => false));
  };

  // A notebook that somebody sent may carry our mark and code of its own: it is run by itself only if its code is what is shipped.
  const isOurs = async panel => {
    const cells = [...panel.content.widgets].filter(cell => cell.model.type === 'code');
    const code = cells.map(cell => cell.model.sharedModel.getSource()).join('\0');
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code));
    const digest = [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('');
    return told('inboundRunbook').includes(digest);
  };

  // Other headings for the notebook in front, and with `run` all of it once more.
  const renew = async (app, executor, titles, run) => {
    const panel = app.shell.currentWidget;
    if (!panel?.hasClass(NAME) || panel.hasClass(BUSY) || panel.hasClass(ELSEWHERE) || !(await isOurs(panel))) {
      return;
    }
    panel.addClass(BUSY);
    for (const { model } of panel.content.widgets) {
      const title = model.type === 'markdown' ? titles[model.id] : undefined;
      if (typeof title === 'string') {
        model.sharedModel.setSource(model.sharedModel.getSource().replace(HEADING, (_, front) => front + title));
      }
    }
    if (run) {
      await runAll(executor, panel);
    }
    panel.removeClass(BUSY);
  };

  // What is shown is kept once nothing is under way: nobody is asked whether to save when a tab is closed, since there is nothing to lose.
  const keepSaved = (panel, context) => {
    let timer;
    const later = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(save, SAVE_MS);
    };
    const save = () => {
      if (context.isDisposed || !context.model.dirty || context.model.readOnly) {
        return;
      }
      if (panel.sessionContext.session?.kernel?.status === 'busy') {
        later();
        return;
      }
      context.save().catch(warn);
    };
    context.model.contentChanged.connect(later);
  };

  // Makes a notebook this tab's, and calls `lost` when another tab takes it. The book is kept by the browser: it gives a lock to whoever asks
  // last, and takes it back from a tab that is closed.
  const hold = (context, lost) => {
    const { locks } = navigator;
    const lock = what => `${NAME}:${what}:${context.path}`;
    const save = context.save.bind(context);
    let elsewhere = false;
    let letGo = () => {};
    const take = async () => {
      letGo();
      await new Promise(taken => {
        const mine = () => {
          elsewhere = false;
          taken();
          return new Promise(resolve => {
            letGo = resolve;
          });
        };
        const theirs = () => {
          elsewhere = true;
          context.model.dirty = false;
          lost();
        };
        locks.request(lock('held'), { steal: true }, mine).catch(theirs);
      });
      // What another tab is saving just now gets through first: whoever saves shares this lock. But not for ever: JupyterLab may be asking
      // something there.
      await locks.request(lock('saved'), { signal: AbortSignal.timeout(SAVE_MS) }, () => {}).catch(() => {});
    };
    // JupyterLab comes through here as well, on Ctrl-S and every two minutes; with a file that another tab has saved it would ask what to do.
    context.save = () => locks.request(lock('saved'), { mode: 'shared' }, () => (elsewhere ? undefined : save()));
    // With nothing to save nothing is asked on closing either. Not at once: others are still to be told of the change before.
    context.model.stateChanged.connect((model, { name, newValue }) => {
      if (elsewhere && name === 'dirty' && newValue) {
        queueMicrotask(() => {
          model.dirty = false;
        });
      }
    });
    context.pathChanged.connect(() => {
      if (!elsewhere) {
        void take();
      }
    });
    context.disposed.connect(() => letGo());
    return { take, isElsewhere: () => elsewhere };
  };

  // In the language of the headings that stand there.
  const wordsFor = panel => {
    const cells = [...panel.content.widgets].filter(cell => cell.model.type === 'markdown');
    const titles = cells.map(cell => HEADING.exec(cell.model.sharedModel.getSource())?.[2]);
    const known = ({ headings }) => titles.filter(title => headings.includes(title)).length;
    return told('inboundRunbookElsewhere').reduce((best, each) => (known(each) > known(best) ? each : best));
  };

  // Over a notebook that another tab has: nobody reads or presses what is dead there.
  const cover = (panel, goOn) => {
    if (panel.hasClass(ELSEWHERE)) {
      return;
    }
    const words = wordsFor(panel);
    const dialog = document.createElement('div');
    const add = (tag, name) => {
      const made = document.createElement(tag);
      made.id = `${panel.id}-elsewhere-${name}`;
      made.textContent = words[name];
      dialog.append(made);
      return made;
    };
    dialog.lang = words.language;
    dialog.setAttribute('role', 'alertdialog');
    dialog.setAttribute('aria-labelledby', add('h2', 'title').id);
    dialog.setAttribute('aria-describedby', add('p', 'text').id);
    const button = add('button', 'go_on');
    button.type = 'button';
    const listen = () => button.addEventListener('click', pressed, { once: true });
    const pressed = () => goOn(panel).catch(warn).then(listen);
    listen();
    const focused = panel.node.contains(document.activeElement);
    for (const child of panel.node.children) {
      child.inert = true;
    }
    panel.node.append(dialog);
    panel.addClass(ELSEWHERE);
    // JupyterLab would focus what is inert, and take the notebook that was in front before for the one that is.
    panel.onActivateRequest = () => button.focus();
    if (focused) {
      button.focus();
    }
  };

  // A kernel that died takes the widgets with it: once the server has started another, all is run once more.
  const runAfterDeath = (panel, run) => {
    let died = false;
    panel.sessionContext.statusChanged.connect((_, status) => {
      if (status === 'autorestarting') {
        died = true;
      } else if (died && status === 'idle') {
        died = false;
        void run(panel);
      }
    });
  };

  const uncover = panel => {
    if (!panel.hasClass(ELSEWHERE)) {
      return;
    }
    delete panel.onActivateRequest;
    panel.removeClass(ELSEWHERE);
    const dialog = panel.node.querySelector(':scope > [role=alertdialog]');
    const focused = dialog.contains(document.activeElement);
    dialog.remove();
    for (const child of panel.node.children) {
      child.inert = false;
    }
    if (focused) {
      panel.activate();
    }
  };

  const hasChanged = async (app, context) => {
    const { hash } = await app.serviceManager.contents.get(context.path, { content: false, hash: true });
    return hash !== context.contentsModel.hash;
  };

  const open = async (app, executor, seen, panel, context) => {
    await context.ready;
    await panel.revealed;
    // A second view of the same notebook shares its cells' outputs: nothing to run there.
    if (seen.has(context) || context.model.getMetadata(MARK) !== true) {
      seen.get(context)?.(panel);
      return;
    }
    seen.set(context, undefined);
    if (!(await isAtHome(app, context.path)) || !(await isOurs(panel))) {
      return;
    }
    panel.addClass(NAME);
    await panel.sessionContext.ready;
    if (!(await ready(app, panel))) {
      return;
    }
    const views = () => [...app.shell.widgets('main')].filter(view => view.context === context);
    const held = hold(context, () => views().forEach(view => cover(view, run)));
    const run = async view => {
      await held.take();
      // Another tab may have saved since this one read the file.
      if (await hasChanged(app, context)) {
        await context.revert();
      }
      if (held.isElsewhere()) {
        return;
      }
      views().forEach(uncover);
      if (await isOurs(view)) {
        await runAll(executor, view);
      }
    };
    seen.set(context, view => {
      if (held.isElsewhere()) {
        cover(view, run);
      }
    });
    keepSaved(panel, context);
    runAfterDeath(panel, run);
    await run(panel);
  };

  // JupyterLab looks for the attribute on what has the focus, from the document on, so this has to come before.
  const keepFromKeys = () =>
    window.addEventListener(
      'keydown',
      event => {
        const { target, key, ctrlKey, metaKey, altKey } = event;
        if (target.closest?.(`.${NAME}`) && !target.closest('.cm-editor, .rb-live')) {
          target.toggleAttribute('data-lm-suppress-shortcuts', key.length === 1 && !(ctrlKey || metaKey || altKey));
        }
      },
      true
    );

  // A menu and a shortcut would still reach what lies under the cover.
  const keepFromRunning = app => {
    const execute = app.commands.execute.bind(app.commands);
    app.commands.execute = (id, args) =>
      app.shell.currentWidget?.hasClass(ELSEWHERE) && /^(notebook|runmenu|kernelmenu|editmenu):/.test(id)
        ? Promise.resolve()
        : execute(id, args);
  };

  // Once in a browser's tab and layout: whoever brings a bar back keeps it when the page is loaded anew. JupyterLab gives a page whose layout is
  // shown already another one.
  const simplify = app => {
    const layout = /\/workspaces\/([^/]*)/.exec(window.location.pathname)?.[1] ?? '';
    if (window.sessionStorage.getItem(NAME) === layout) {
      return;
    }
    window.sessionStorage.setItem(NAME, layout);
    app.shell.collapseLeft?.();
    app.shell.collapseRight?.();
    const command = 'application:toggle-side-tabbar';
    for (const side of ['left', 'right']) {
      if (app.commands.hasCommand(command) && app.commands.isToggled(command, { side })) {
        void app.commands.execute(command, { side });
      }
    }
  };

  const plugin = INotebookCellExecutor => ({
    id: `${NAME}:plugin`,
    description: 'Runs the runbooks when they are opened.',
    autoStart: true,
    requires: [INotebookCellExecutor],
    activate: (app, executor) => {
      const seen = new WeakMap();
      app.docRegistry.addWidgetExtension('Notebook', {
        createNew: (panel, context) => {
          open(app, executor, seen, panel, context).catch(warn);
        }
      });
      const style = document.createElement('style');
      style.textContent = STYLE;
      document.head.append(style);
      keepFromKeys();
      keepFromRunning(app);
      void app.restored.then(() => simplify(app));
      window.inboundRunbook = Object.freeze({
        open: async (path, shown) => {
          const panel = await app.commands.execute('docmanager:open', { path: String(path), factory: 'Notebook' });
          await panel?.revealed;
          // JupyterLab goes to the cell that is active; that is another one.
          if (shown) requestAnimationFrame(() => panel?.node.querySelector(shown)?.scrollIntoView({ block: 'start' }));
        },
        head: titles => renew(app, executor, titles, false).catch(warn),
        again: titles => renew(app, executor, titles, true).catch(warn)
      });
    }
  });

  // What JupyterLab asks of a federated extension: init gives it the modules that are shared, get asks for what it has.
  let shared = {};
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const versions = Object.values(shared['@jupyterlab/notebook'] ?? {});
      const own = versions.find(version => version.from === '@jupyterlab/application-top') ?? versions[0];
      const notebook = (await own.get())();
      return () => ({ __esModule: true, default: plugin(notebook.INotebookCellExecutor) });
    }
  };
})();
