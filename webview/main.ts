/** The browser half of the panel: a placeholder until the ladder is drawn here. */
document.body.dataset['callLab'] = 'loaded';
