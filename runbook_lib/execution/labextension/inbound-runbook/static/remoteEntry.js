// A prebuilt extension of JupyterLab, written by hand: no build step, nothing bundled. Only `runbook open` loads it.
//
// 1. A notebook of ours (metadata inbound_runbook: true, and code as it is shipped) is run once from top to bottom when it is in front and its kernel is idle; after the
//    page was loaded anew, once more. Nothing is selected, focused or scrolled by that. It is saved whenever it changes, so that nothing asks
//    about it when it is closed.
// 2. The side bars are out of the way when a tab of the browser is opened; View > Appearance brings them back.
// 3. Folded code of ours takes no room; View > Expand All Code shows it.
// 4. window.inboundRunbook.open(path, shown) opens another notebook in the same window, and scrolls to what a selector finds in it; head(titles) gives the one in front other headings, by the id
//    of their cells; again(titles) also runs it once more.
'use strict';

(() => {
  const NAME = 'inbound-runbook';
  const MARK = 'inbound_runbook';
  const BUSY = `${NAME}-busy`;
  const SAVE_MS = 3000;

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

  // One cell after the other, as JupyterLab itself runs a cell; the first that fails is the last.
  const runAll = async (executor, panel) => {
    const ignore = () => {};
    for (const cell of [...panel.content.widgets]) {
      if (panel.isDisposed || cell.isDisposed) {
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

  // A notebook that somebody sent may carry our mark and code of its own: it is run by itself only if its code is what is shipped.
  const isOurs = async panel => {
    const cells = [...panel.content.widgets].filter(cell => cell.model.type === 'code');
    const code = cells.map(cell => cell.model.sharedModel.getSource()).join('\0');
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code));
    const digest = [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('');
    const config = JSON.parse(document.getElementById('jupyter-config-data').textContent);
    return (config.inboundRunbook ?? []).includes(digest);
  };

  // Other headings for the notebook in front, and with `run` all of it once more.
  const renew = async (app, executor, titles, run) => {
    const panel = app.shell.currentWidget;
    if (!panel?.hasClass(NAME) || panel.hasClass(BUSY) || !(await isOurs(panel))) {
      return;
    }
    panel.addClass(BUSY);
    for (const { model } of panel.content.widgets) {
      const title = model.type === 'markdown' ? titles[model.id] : undefined;
      if (typeof title === 'string') {
        model.sharedModel.setSource(model.sharedModel.getSource().replace(/^(#+ (?:\d+ )?).*/, (_, front) => front + title));
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
      context.save().catch(reason => console.warn(`${NAME}: ${reason}`));
    };
    context.model.contentChanged.connect(later);
  };

  const open = async (app, executor, seen, panel, context) => {
    await context.ready;
    await panel.revealed;
    // A second view of the same notebook shares its cells' outputs: nothing to run there.
    if (seen.has(context) || context.model.getMetadata(MARK) !== true) {
      return;
    }
    seen.add(context);
    if (!(await isOurs(panel))) {
      return;
    }
    panel.addClass(NAME);
    await panel.sessionContext.ready;
    if (await ready(app, panel)) {
      keepSaved(panel, context);
      await runAll(executor, panel);
    }
  };

  // Once in a browser's tab: whoever brings a bar back keeps it when the page is loaded anew.
  const simplify = app => {
    if (window.sessionStorage.getItem(NAME) !== null) {
      return;
    }
    window.sessionStorage.setItem(NAME, 'simplified');
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
      const seen = new WeakSet();
      app.docRegistry.addWidgetExtension('Notebook', {
        createNew: (panel, context) => {
          open(app, executor, seen, panel, context).catch(reason => console.warn(`${NAME}: ${reason}`));
        }
      });
      const style = document.createElement('style');
      style.textContent = `.${NAME} .jp-CodeCell > .jp-Cell-inputWrapper:has(.jp-Placeholder) { display: none; }`;
      document.head.append(style);
      void app.restored.then(() => simplify(app));
      window.inboundRunbook = Object.freeze({
        open: async (path, shown) => {
          const panel = await app.commands.execute('docmanager:open', { path: String(path), factory: 'Notebook' });
          await panel?.revealed;
          // JupyterLab goes to the cell that is active; that is another one.
          if (shown) requestAnimationFrame(() => panel?.node.querySelector(shown)?.scrollIntoView({ block: 'start' }));
        },
        head: titles => renew(app, executor, titles, false).catch(reason => console.warn(`${NAME}: ${reason}`)),
        again: titles => renew(app, executor, titles, true).catch(reason => console.warn(`${NAME}: ${reason}`))
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
