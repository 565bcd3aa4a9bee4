# pen-ctl(1): written by completions/generate from src/pen-ctl/opts.def

function __pen_now
    set -l conf $HOME/.config
    set -q XDG_CONFIG_HOME; and set conf $XDG_CONFIG_HOME
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    set -l share (command pen --shell bash 2>/dev/null | command sed 's,^\. ,,; s,shell/pen.bash$,,')
    switch $argv[1]
        case agent
            command find $share"agents/" -name '*.conf' 2>/dev/null | command sed 's,.*/,,; s,\.conf$,,'
        case rules
            command find $share"groups/" -name '*.conf' 2>/dev/null | command sed 's,.*/,@,; s,\.conf$,,'
            printf '%s\n' @npm @pip @apt
    end
    switch $argv[1]
        case agent profile
            command sed -nE 's/^(.*})?[[:space:]]*'$argv[1]'[[:space:]]+["\']?([A-Za-z0-9._+-]+).*/\2/p' /etc/pen/pen.conf $conf/pen/pen.conf 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed 's/ .*//'
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

complete -c pen-ctl -f
complete -c pen-ctl -n __fish_use_subcommand -x -a 'ls status denied rules events ask stop allow deny undo'
complete -c pen-ctl -n 'not __fish_use_subcommand' -x -a '(__pen_now refused)'
complete -c pen-ctl -l pen -d 'speak to this session (default: the one of this directory, or the only one)' -x -a '(__pen_now sessions)'
complete -c pen-ctl -l for -d 'allow or deny for so long: 30s, 10m, 2h' -x
complete -c pen-ctl -l session -d 'allow or deny until the session ends (the default)'
complete -c pen-ctl -l always -d 'allow or deny for good, in this project: edit pen.conf'
complete -c pen-ctl -l everywhere -d 'allow or deny for good, in every project: edit pen.conf'
complete -c pen-ctl -l json -d 'print JSON, an object a line'
complete -c pen-ctl -l help -d 'print a summary of the options and end'
complete -c pen-ctl -l version -d 'print the version and end'
