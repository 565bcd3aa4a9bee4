# pen.fish: agents run in a pen when they are typed by name; pen(7) says how it is
# used.  For fish 3.3 or newer, from config.fish, by "source" or by
# pen --shell fish | source
#
# Nothing is started while this is read but pen, for the agents' names; what
# pen --shell prints has them in it.  Nothing here depends on the current
# directory.  Whatever is wrong with pen, the agent is not started without it:
# only NAME-raw and pen-off do that.

set -g _pen_up (string replace -r '/[^/]*$' '' -- (status filename | string collect) | string collect)
string match -q '/*' -- $_pen_up
or set -g _pen_up "$PWD/$_pen_up"
set -g _pen_up (string replace -r '/shell(/\.)?$' '' -- $_pen_up | string collect)
# installed, as build/shell, and as the tree's own shell
if string match -q '*/share/pen' -- $_pen_up
    set -g _pen_bin (string replace -r '/share/pen$' /bin -- $_pen_up | string collect)
    # pen and its pages are found, but nothing that was found before changes
    contains -- $_pen_bin $PATH
    or set -gx PATH $PATH $_pen_bin
else if test -e $_pen_up/bin/pen
    set -g _pen_bin $_pen_up/bin
else
    set -g _pen_bin $_pen_up/build/bin
end

# _pen_say MESSAGE [HINT]
function _pen_say
    printf 'pen: %s\n' $argv[1] >&2
    set -q argv[2]
    and printf 'hint: %s\n' $argv[2] >&2
    return 0
end

# _pen_inside : is this shell in a pen?  The variable alone could come from
# anywhere; the file can be made by root only.
function _pen_inside
    test "$PEN" = 1 -a -e /run/pen/pen-filter
end

# _pen_list : writes the names of agents to _pen_agents: _pen_known has them, or
# pen knows them, or without pen the files in agents/ do
function _pen_list
    set -g _pen_agents $_pen_known
    set -e -g _pen_known
    set -q _pen_agents[1]
    and return
    test -x $_pen_bin/pen
    and set -g _pen_agents ($_pen_bin/pen --list agents)
    set -q _pen_agents[1]
    and return
    for file in $_pen_up/agents/*.conf
        set -a _pen_agents (string replace -r '(?s)^.*/(.*)\.conf$' '$1' -- $file)
    end
    set -l conf $HOME/.config
    set -q XDG_CONFIG_HOME
    and set conf $XDG_CONFIG_HOME
    set -q _pen_agents[1]
    and test -e $conf/pen/pen.conf
    and _pen_say 'warning: pen does not tell its agents: those that only pen.conf has run without a pen'
end

# _pen_find NAME : writes where PATH has it to _pen_found, passing over links to
# pen-shim, and over relative elements as pen does
function _pen_find
    set -g _pen_found
    for dir in $PATH
        string match -q '/*' -- $dir
        and test -x $dir/$argv[1] -a -f $dir/$argv[1]
        or continue
        if test -L $dir/$argv[1]
            string match -q '*/pen-shim' -- (builtin realpath -- $dir/$argv[1] | string collect)
            and continue
        end
        set -g _pen_found $dir/$argv[1]
        return 0
    end
    return 1
end

# _pen_call AGENT PROGRAM ARG… : in a pen, or not at all
function _pen_call
    set -l agent $argv[1]
    if set -q _pen_off; or _pen_inside
        _pen_raw $argv
        return
    end
    if not test -x $_pen_bin/pen
        _pen_say "cannot start '$agent' in a pen: there is no "(string escape -- $_pen_bin/pen) \
            "install pen again; $agent-raw runs it without a pen"
        return 127
    end
    if test "$argv[2]" = $agent
        $_pen_bin/pen -- $argv[2..-1]
    else
        $_pen_bin/pen --agent $agent -- $argv[2..-1]
    end
    set -l code $status
    if contains $code 125 126 127
        printf 'hint: %s\n' "if '$agent' was not started, see above; $agent-raw runs it without a pen" >&2
    end
    return $code
end

# _pen_raw AGENT PROGRAM ARG… : without a pen
function _pen_raw
    if test "$argv[2]" != $argv[1]
        command $argv[2..-1]
    else if _pen_find $argv[1]
        $_pen_found $argv[3..-1]
    else
        _pen_say "cannot start '$argv[1]': it is not on PATH"
        return 127
    end
end

# _pen_shadow AGENT WORDS ASSIGNMENTS : makes the functions
function _pen_shadow
    eval "function $argv[1] -d 'in a pen'; $argv[3] _pen_call $argv[1] $argv[2] \$argv; end
        function $argv[1]-raw -w $argv[1] -d 'without a pen'; $argv[3] _pen_raw $argv[1] $argv[2] \$argv; end"
end

# _pen_description NAME : of a function, as _pen_text
function _pen_description
    set -l details (functions -Dv $argv[1])
    set -g _pen_text $details[5]
end

# _pen_alias AGENT : an alias of fish is a function that is described as one.  One
# that is a simple command is what the function will run; any other is dropped.
function _pen_alias
    set -l words (string replace -r "^alias \S*?[ =]" '' -- $_pen_text)
    set words (string replace -r '^command ' '' -- $words)
    set -l assigned (string match -r '^(?:\w+=\S*\s+)*' -- $words)
    set words (string replace -r '^(?:\w+=\S*\s+)*' '' -- $words)
    if string match -qr '[;&|<>()\n]' -- "$assigned$words"
        _pen_say "warning: the alias '$argv[1]' is more than a command, and was dropped"
        set words $argv[1]
        set assigned
    end
    _pen_shadow $argv[1] $words "$assigned"
end

# _pen_first : the links of pen-shim come first on PATH, wherever they were
function _pen_first
    set -gx PATH $_pen_shims (string match -vr -- '^'(string escape --style=regex -- $_pen_shims | string collect)'$' $PATH)
end

# _pen_hidden NAME : does something come before its link?  In _pen_found.
function _pen_hidden
    test -L $_pen_shims/$argv[1]
    or return 1
    for dir in $PATH
        string match -q '/*' -- $dir
        and test -x $dir/$argv[1] -a -f $dir/$argv[1]
        or continue
        set -g _pen_found $dir/$argv[1]
        string match -q '*/pen-shim' -- (builtin realpath -- $_pen_found | string collect)
        and return 1
        return 0
    end
    return 1
end

# _pen_new NAME : an agent that came later gets its link, where there are links
# and pen-shim --remove has not noted that it is to have none
function _pen_new
    test -d $_pen_shims; and not test -L $_pen_shims/$argv[1]; and not test -e $_pen_shims/.$argv[1]
    or return 0
    $_pen_bin/pen-shim --install $argv[1] 2>/dev/null
    and _pen_say "'$argv[1]' is new: it runs in a pen, from other programs too" \
        "pen-shim --remove $argv[1] changes that"
    return 0
end

# _pen_refresh [all] : what has come to PATH, or became an alias, since.  Called
# at each prompt, so it starts nothing.
function _pen_refresh --on-event fish_prompt
    # a line of the rc file behind ours may have put something before them
    test "$argv[1]" != all; and set -q _pen_fresh; and test -d $_pen_shims
    and _pen_first
    for name in $_pen_agents
        if functions -q $name
            _pen_description $name
            if string match -q 'alias *' -- $_pen_text
                _pen_alias $name
            else if test "$argv[1]" = all -a "$_pen_text" != 'in a pen'
                _pen_find $name
                and _pen_shadow $name $name
            else if test "$argv[1]" != all -a "$_pen_text" = 'in a pen'; and set -q _pen_fresh
                _pen_new $name
            end
        else if string match -qr '^[A-Za-z0-9][A-Za-z0-9._+-]*$' -- $name
            if _pen_find $name
                _pen_shadow $name $name
                test "$argv[1]" = all
                or _pen_new $name
            end
        end
    end
    test "$argv[1]" = all
    or set -e -g _pen_fresh
    return 0
end

# pen-off, pen-on : for this shell
function pen-off -d 'agents run without a pen in this shell'
    set -g _pen_off 1
    _pen_say 'off in this shell: agents run without a pen until pen-on'
end
function pen-on -d 'agents run in a pen in this shell'
    set -e -g _pen_off
    return 0
end

# pen-status : what would happen; 1 when agents run without a pen
function pen-status -d 'which agents run in a pen'
    if _pen_inside
        echo 'this shell is in a pen'
        return 0
    else if set -q _pen_off
        echo 'off in this shell: pen-on turns it on again'
    else if not test -x $_pen_bin/pen
        echo 'broken: there is no '(string escape -- $_pen_bin/pen)
    else
        echo 'on: '(string escape -- $_pen_bin/pen)
    end
    for name in $_pen_agents
        if not functions -q $name
            continue
        end
        _pen_description $name
        if test "$_pen_text" != 'in a pen'
            echo "$name: another function, not in a pen"
        else if set -q _pen_off
            echo "$name: not in a pen"
        else
            echo "$name: in a pen"
        end
        _pen_hidden $name
        and echo "$name: its link, for other programs, is hidden by "(string escape -- $_pen_found)
    end
    not set -q _pen_off
end

# pen-prompt : a word for the prompt, called in fish_prompt
function pen-prompt -d 'a word for the prompt'
    if _pen_inside
        printf 'in pen'
    else if set -q _pen_off
        printf 'PEN OFF'
    else
        printf pen
        set -l held ($_pen_bin/pen-review --prompt 2>/dev/null)
        set -q held[1]
        and printf ' %s' $held[1]
    end
end

# pen-chain [EDIT…] [--] PEN-ARGUMENT… : what it does is said in pen.bash, which
# does it: what pen --print prints is for bash and zsh
function pen-chain -d 'run the chain of pen, edited'
    command bash -c '. "$0" && pen-chain "$@"' $_pen_up/shell/pen.bash $argv
end

# what sourcing does
begin
    # fish 3.3 does not look for completions in ~/.local by itself, nor does any
    # in other places
    set -l share (string replace -r '/bin$' /share/fish/vendor_completions.d -- $_pen_bin | string collect)
    if test -d $share; and not contains -- $share $fish_complete_path
        set -ga fish_complete_path $share
    end
    set -g _pen_fresh 1
    set -g _pen_shims $HOME/.local/share/pen/shims
    string match -q '/*' -- "$XDG_DATA_HOME"
    and set -g _pen_shims $XDG_DATA_HOME/pen/shims
    if test -d $_pen_shims; and not contains -- $_pen_shims $PATH
        _pen_first
    end
end
_pen_list
set -q _pen_agents[1]
or _pen_say 'there are no agents beside '(string escape -- $_pen_up/shell)': nothing runs in a pen'
_pen_refresh all
